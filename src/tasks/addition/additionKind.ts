import { describeMarkedSequences, markedOptions, markedSequencesExplanation } from "../sequences/markedKind.js";
import { type RecurrentTask, sequencesKind } from "../sequences/sequencesKind.js";
import { type AdditionDescription, createAddition } from "./addition.js";

export type AdditionTask = RecurrentTask<AdditionDescription>;

export const additionKind = sequencesKind<AdditionDescription>({
  name: "addition",
  create: createAddition,
  known: ["length", "target", "flags", "centered", "initialHidden"],
  options: [
    { name: "target", kind: "text", value: "WHAT", help: "addition: halfSum (default) or sum", path: "task.target" },
    ...markedOptions,
  ],
  why: { scored: "which is scored at its last step alone", "length-means": "whose sequences have T to 1.1 T steps" },
  learningRate: 1e-3,
  seed: 3,
  scoredOutputs: () => 1,
  describe: (task) => [...describeMarkedSequences(task), ...(task.target === "sum" ? ["target the sum, not half of it"] : [])],
  explanation: markedSequencesExplanation,
});
