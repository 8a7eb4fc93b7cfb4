import type { SpecOption } from "../../options.js";
import { formatCountOf } from "../../report/text/format.js";
import { type RecurrentTask, type SequenceProblem, sequencesKind } from "../sequences/sequencesKind.js";
import { createMemory, type MemoryDescription, memoryProblems } from "./memory.js";

export type MemoryTask<Name extends MemoryDescription["name"] = MemoryDescription["name"]> = RecurrentTask<MemoryDescription<Name>>;

const options: readonly SpecOption[] = [
  {
    name: "scored",
    kind: "text",
    value: "STEPS",
    help: "memory5, memory20: last (default; the steps that repeat the\nsymbols) or all",
    path: "task.scored",
  },
  {
    name: "length-means",
    kind: "text",
    value: "WHAT",
    help: "memory5, memory20: total (default; T is the whole sequence) or\ndelay (T steps between the symbols and their repetition)",
    path: "task.lengthMeans",
  },
];

const shared = {
  known: ["length", "lengthMeans", "scored", "initialHidden"],
  options,
  why: {
    target: "whose targets are its inputs",
    "no-flags": "whose inputs have no marks",
    "no-centering": "whose inputs are not centered",
  },
  explanation:
    "The symbols are read at the start and asked for at the end, so what is learned must survive many steps. " +
    "The error first stays near that of the biases alone (the dotted lines), for as long as nothing that was read reaches the end; " +
    "it falls once some of it does.",
} as const;

function problem<Name extends MemoryDescription["name"]>(
  name: Name,
  learningRate: number,
  seed: number,
): SequenceProblem<MemoryDescription<Name>> {
  const { symbols, kinds } = memoryProblems[name];
  return {
    ...shared,
    name,
    learningRate,
    seed,
    create: (given, where) => createMemory(name, given, where),
    scoredOutputs: ({ scored, length }) => symbols * kinds * (scored === "all" ? length : 1),
    describe: ({ length, lengthMeans, scored }) => [
      `${formatCountOf(length, "step")}${lengthMeans === "delay" ? " between symbols and repetition" : ""}`,
      ...(scored === "all" ? ["all steps scored"] : []),
    ],
  };
}

export const memory5Kind = sequencesKind(problem("memory5", 3e-7, 8));
export const memory20Kind = sequencesKind(problem("memory20", 1e-6, 2));
