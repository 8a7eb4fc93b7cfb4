/**
 * The text of a script whose address is a data: URL, undefined for any other address. Bundlers make one of a file as small as
 * heavyball/worker, and a Worker of one has an origin of its own, with which no memory can be shared.
 */
export function scriptOf(address: string): string | undefined {
  const [, base64, text] = /^data:[^,]*?(;base64)?,([\s\S]*)$/i.exec(address) ?? [];
  if (text === undefined) return undefined;
  const decoded = decodeURIComponent(text);
  return base64 === undefined ? decoded : new TextDecoder().decode(Uint8Array.from(atob(decoded), (character) => character.charCodeAt(0)));
}
