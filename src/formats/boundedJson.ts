/**
 * JSON from a file that may be hostile. A parser takes memory for every bracket that is open and for every value: 40 MB of brackets would
 * end the process, and 40 MB of empty objects hold it up for ten seconds. Both are therefore counted first, in one pass.
 */

/** What readers of the field allow (serde's limit); headers here are three deep. */
const DEEPEST = 128;
/** A tensor's entry in a safetensors header has about eight. */
const MOST_VALUES = 1_000_000;

/**
 * Parses text whose brackets are nested no deeper than 128 and that holds no more than a million values; throws a SyntaxError for anything
 * else.
 */
export function parseBoundedJson(text: string): unknown {
  if (!isBounded(text)) throw new SyntaxError(`nested more than ${DEEPEST} deep, or of more than ${MOST_VALUES} values`);
  return JSON.parse(text) as unknown;
}

const [QUOTE, BACKSLASH, COMMA, BRACE, BRACKET] = [0x22, 0x5c, 0x2c, 0x7b, 0x5b];

/** Looks at brackets and commas that do not stand in strings, until one is too many. */
function isBounded(text: string): boolean {
  let open = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
    } else if (code === BRACE || code === BRACKET) {
      if (++open > DEEPEST || ++values > MOST_VALUES) return false;
    } else if (code === COMMA) {
      if (++values > MOST_VALUES) return false;
    } else if (code === BRACE + 2 || code === BRACKET + 2) open--;
  }
  return true;
}
