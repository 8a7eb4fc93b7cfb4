/** One regular expression of several, one after the other: for those too long for a line. */
export function joined(...parts: readonly RegExp[]): RegExp {
  return new RegExp(parts.map(({ source }) => source).join(""));
}
