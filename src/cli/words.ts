import { formatCount } from "../report/format.js";
import type { Outcome } from "../trials/outcome.js";

/** "50,000 updates", or "3,000 of 50,000 updates, where it was stopped,". */
export function describeMade({ spec, update }: Outcome): string {
  return update < spec.updates ? `${formatCount(update)} of ${formatCount(spec.updates)} updates, where it was stopped,` : `${formatCount(update)} updates`;
}

/** "a", "a and b", "a, b and c". */
export function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
