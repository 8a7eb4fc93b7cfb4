/**
 * JSON from a file that may be hostile. A parser takes memory for every bracket that is open, so that 40 MB of them would end the process; brackets are therefore
 * counted first, in one pass.
 */

/** What readers of the field allow (serde's limit); headers here are three deep. */
const DEEPEST = 128;

/** Parses text whose brackets are nested no deeper than 128; throws a SyntaxError for anything else. */
export function parseBoundedJson(text: string): unknown {
  if (nesting(text) > DEEPEST) throw new SyntaxError(`nested more than ${DEEPEST} deep`);
  return JSON.parse(text) as unknown;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many brackets are open at most; ends at the first that is too many. Brackets within strings do not count. */
function nesting(text: string): number {
  let open = 0;
  let most = 0;
  for (let i = 0; i < text.length && most <= DEEPEST; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
    } else if (code === 0x5b || code === 0x7b) most = Math.max(most, ++open);
    else if (code === 0x5d || code === 0x7d) open--;
  }
  return most;
}
