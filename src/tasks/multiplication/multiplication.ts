import { naturalLog } from "../../math/logarithm.js";
import { checkBoolean, checkInteger, orDefault } from "../../validate.js";
import { checkSeed, checkTaskOptions } from "../sequences/checkTask.js";
import { checkInitialHidden } from "../sequences/learnedInitialHidden.js";
import { markedSequenceTask } from "../sequences/markedSequences.js";
import type { MultiplicationDescription, SequenceTask } from "../sequences/sequenceTask.js";

/**
 * The multiplication problem: as `addition`, with x1 x2 as the target, whose mean is 0.25.
 *
 * Options: `length` 80, at least 10; `flags` true; `centered` true, which concerns the inputs: the target is the product of the values
 * before centering; `initialHidden` "zero"; `seed`. `addition` describes them. Throws `InvalidOptionError`.
 */
export function multiplication(
  options: { length?: number; flags?: boolean; centered?: boolean; initialHidden?: "zero" | "learned"; seed?: number } = {},
): SequenceTask<MultiplicationDescription> {
  const given = checkTaskOptions("multiplication", options, ["length", "flags", "centered", "initialHidden"]);
  const length = checkInteger("multiplication.length", orDefault(given.length, 80), 10, 100_000);
  const flags = checkBoolean("multiplication.flags", orDefault(given.flags, true));
  const centered = checkBoolean("multiplication.centered", orDefault(given.centered, true));
  const initialHidden = checkInitialHidden("multiplication", given.initialHidden);
  // P(x1 x2 <= p) = p - p ln p; the variance of the product is 1/9 - 1/16.
  const below = (p: number): number => p - p * naturalLog(p);
  return {
    ...markedSequenceTask({ length, flags, centered, initialHidden, combine: (x1, x2) => x1 * x2 }),
    description: { name: "multiplication", length, flags, centered, initialHidden, ...checkSeed("multiplication", given.seed) },
    outputBiases: [0.25],
    biasesOnly: { loss: 7 / 288, zeroOne: 1 - (below(0.29) - below(0.21)) },
  };
}
