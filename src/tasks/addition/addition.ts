import { present } from "../../boundary/present.js";
import { checkBoolean, checkInteger, checkOneOf, checkSeed, orDefault } from "../../validate.js";
import { checkTaskOptions } from "../sequences/checkTask.js";
import { checkInitialHidden } from "../sequences/learnedInitialHidden.js";
import { markedSequenceTask } from "../sequences/markedSequences.js";
import type { SequenceTask } from "../sequences/sequenceTask.js";

/** The addition problem as plain data; what each setting means is said of the options of `addition`. */
export interface AdditionDescription {
  readonly name: "addition";
  readonly length: number;
  readonly target: "halfSum" | "sum";
  readonly flags: boolean;
  readonly centered: boolean;
  readonly initialHidden: "zero" | "learned";
  readonly seed?: number;
}

/** Options of `addition`. */
export interface AdditionOptions {
  /** T: sequences have T to 1.1 T steps; at least 10. Default 80. */
  length?: number;
  /** What is asked for: (x1 + x2) / 2 or x1 + x2. Default halfSum. */
  target?: "halfSum" | "sum";
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
 * The addition problem: two of many numbers are marked, and at the end of the sequence the network says their sum. `markedSequences.ts`
 * describes the sequences.
 *
 * Options, the second to fifth being readings on which the paper is silent or contradicts itself:
 * - `length` 80: T; sequences have T to 1.1 T steps; at least 10.
 * - `target` "halfSum": (x1 + x2) / 2, whose mean of 0.5 is the one in the caption of Figure 3, and for which Table 5's error of the biases
 *   alone, 0.82, nearly holds (0.8464); "sum": x1 + x2 (0.9216).
 * - `flags` true: the -1 marks at the start and near the end of the 2011 version.
 * - `centered` true: 0.5 is taken from the values, since the paper centers its inputs.
 * - `initialHidden` "zero": the hidden state before the first step is 0; "learned": it is learned, by way of one more input channel and one
 *   more step before the others, as `learnedInitialHidden.ts` says; `inputs` is then 3.
 * - `seed`, in place of the trial's.
 *
 * Throws `InvalidOptionError`.
 */
export function addition(options: AdditionOptions = {}): SequenceTask<AdditionDescription> {
  return createAddition(options);
}

/** The same from whatever was given; `where` is what its options are called in messages. */
export function createAddition(options: object, where = "addition"): SequenceTask<AdditionDescription> {
  const given = checkTaskOptions("addition", where, options, ["length", "target", "flags", "centered", "initialHidden"]);
  const length = checkInteger(`${where}.length`, orDefault(given.length, 80), 10, 100_000);
  const target = checkOneOf(`${where}.target`, orDefault(given.target, "halfSum"), ["halfSum", "sum"]);
  const flags = checkBoolean(`${where}.flags`, orDefault(given.flags, true));
  const centered = checkBoolean(`${where}.centered`, orDefault(given.centered, true));
  const initialHidden = checkInitialHidden(where, given.initialHidden);
  const weight = target === "halfSum" ? 0.5 : 1;
  // x1 + x2 has mean 1, variance 1/6 and, within a of its mean, probability 2 a - a^2, where a is what 0.04 is on its scale.
  const a = 0.04 / weight;
  return {
    ...markedSequenceTask({ length, flags, centered, initialHidden, combine: (x1, x2) => weight * (x1 + x2) }),
    description: present({
      name: "addition",
      length,
      target,
      flags,
      centered,
      initialHidden,
      seed: checkSeed(`${where}.seed`, given.seed),
    }),
    outputBiases: [weight],
    biasesOnly: { loss: (weight * weight) / 12, zeroOne: (1 - a) * (1 - a) },
  };
}
