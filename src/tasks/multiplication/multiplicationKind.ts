import { describeMarkedSequences, markedOptions, markedSequencesExplanation } from "../sequences/markedKind.js";
import { type RecurrentTask, sequencesKind } from "../sequences/sequencesKind.js";
import { createMultiplication, type MultiplicationDescription } from "./multiplication.js";

export type MultiplicationTask = RecurrentTask<MultiplicationDescription>;

export const multiplicationKind = sequencesKind<MultiplicationDescription>({
  name: "multiplication",
  create: createMultiplication,
  known: ["length", "flags", "centered", "initialHidden"],
  options: markedOptions,
  why: {
    target: "whose target is the product",
    scored: "which is scored at its last step alone",
    "length-means": "whose sequences have T to 1.1 T steps",
  },
  learningRate: 3e-4,
  seed: 8,
  scoredOutputs: () => 1,
  describe: describeMarkedSequences,
  explanation: markedSequencesExplanation,
});
