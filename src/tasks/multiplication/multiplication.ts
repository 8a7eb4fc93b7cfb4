import { present } from "../../boundary/present.js";
import { naturalLog } from "../../math/logarithm.js";
import { checkBoolean, checkInteger, checkSeed, orDefault } from "../../validate.js";
import { checkTaskOptions } from "../sequences/checkTask.js";
import { checkInitialHidden } from "../sequences/learnedInitialHidden.js";
import { markedSequenceTask } from "../sequences/markedSequences.js";
import type { SequenceTask } from "../sequences/sequenceTask.js";

/** The multiplication problem as plain data; what each setting means is said of the options of `multiplication`. */
export interface MultiplicationDescription {
  readonly name: "multiplication";
  readonly length: number;
  readonly flags: boolean;
  readonly centered: boolean;
  readonly initialHidden: "zero" | "learned";
  readonly seed?: number;
}

/** Options of `multiplication`. */
export interface MultiplicationOptions {
  /** T: sequences have T to 1.1 T steps; at least 10. Default 80. */
  length?: number;
  /** Whether there are -1 marks at the start and near the end of a sequence, as in the version of 2011. Default true. */
  flags?: boolean;
  /** Whether 0.5 is taken from the values. Default true. */
  centered?: boolean;
  /** The hidden state before the first step: 0, or learned, by one more input and one more step. Default zero. */
  initialHidden?: "zero" | "learned";
  /** Of the sequences, in place of the trial's. */
  seed?: number;
}

/**
 * The multiplication problem: as `addition`, with x1 x2 as the target, whose mean is 0.25.
 *
 * Options: `length` 80, at least 10; `flags` true; `centered` true, which concerns the inputs: the target is the product of the values
 * before centering; `initialHidden` "zero"; `seed`. `addition` describes them. Throws `InvalidOptionError`.
 */
export function multiplication(options: MultiplicationOptions = {}): SequenceTask<MultiplicationDescription> {
  return createMultiplication(options);
}

/** The same from whatever was given; `where` is what its options are called in messages. */
export function createMultiplication(options: object, where = "multiplication"): SequenceTask<MultiplicationDescription> {
  const given = checkTaskOptions("multiplication", where, options, ["length", "flags", "centered", "initialHidden"]);
  const length = checkInteger(`${where}.length`, orDefault(given.length, 80), 10, 100_000);
  const flags = checkBoolean(`${where}.flags`, orDefault(given.flags, true));
  const centered = checkBoolean(`${where}.centered`, orDefault(given.centered, true));
  const initialHidden = checkInitialHidden(where, given.initialHidden);
  // P(x1 x2 <= p) = p - p ln p; the variance of the product is 1/9 - 1/16.
  const below = (p: number): number => p - p * naturalLog(p);
  return {
    ...markedSequenceTask({ length, flags, centered, initialHidden, combine: (x1, x2) => x1 * x2 }),
    description: present({ name: "multiplication", length, flags, centered, initialHidden, seed: checkSeed(`${where}.seed`, given.seed) }),
    outputBiases: [0.25],
    biasesOnly: { loss: 7 / 288, zeroOne: 1 - (below(0.29) - below(0.21)) },
  };
}
