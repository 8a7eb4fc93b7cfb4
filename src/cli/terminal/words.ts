import { formatCount } from "../../report/text/format.js";
import type { Outcome } from "../../trials/outcome.js";
import { isHessianFree } from "../../trials/spec.js";

/**
 * "50,000 updates", or "3,000 of 50,000 updates, where it was stopped,"; a trial that has made all its steps of conjugate gradient was not
 * stopped.
 */
export function describeMade({ spec, update, failure, conjugateGradientSteps: steps = 0 }: Outcome): string {
  const made = `${formatCount(update)} ${update === 1 ? "update" : "updates"}`;
  if (isHessianFree(spec) && steps >= (spec.conjugateGradientSteps ?? Infinity))
    return `${made} of ${formatCount(steps)} steps of conjugate gradient`;
  if (update >= spec.updates) return made;
  return `${formatCount(update)} of ${formatCount(spec.updates)} updates${failure === undefined ? ", where it was stopped," : ""}`;
}

/** "a", "a and b", "a, b and c". */
export function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
