import { addition, memory5, memory20, multiplication } from "heavyball";

const marked = (what: string): string =>
  `Two of the many numbers that come by are marked; at the end their ${what} is asked for. The error is the share of sequences that are ` +
  "answered wrongly, by more than 0.04.";
const repeated = (symbols: string, count: string): string =>
  `${symbols} come first, then nothing for a long time; at the end they are to be repeated. The error is how many of the ${count} ` +
  "are wrong.";

/** The problems of the paper's Table 5, each with what a network of this page has to remember. */
export const problems = {
  addition: {
    title: "Addition",
    make: addition,
    shortest: 10,
    rate: 0.01,
    told: marked("sum"),
  },
  multiplication: {
    title: "Multiplication",
    make: multiplication,
    shortest: 10,
    rate: 0.01,
    told: marked("product"),
  },
  memory5: {
    title: "Five bits",
    make: memory5,
    shortest: 12,
    rate: 0.001,
    told: repeated("Five symbols of two kinds", "five"),
  },
  memory20: {
    title: "Ten symbols of five kinds",
    make: memory20,
    shortest: 22,
    rate: 0.0003,
    told: repeated("Ten symbols of five kinds", "ten"),
  },
} as const;

export type Problem = keyof typeof problems;
export type Method = "sgd" | "classicalMomentum" | "nesterov" | "adam";

export interface MemorySetting {
  readonly problem: Problem;
  readonly length: number;
  readonly hidden: number;
  readonly method: Method;
  readonly learningRate: number;
  readonly momentum: number;
  readonly updates: number;
}

/** Sequences of a minibatch, as in the paper, and those that are kept back to test on. */
const BATCH = 100;
const TESTED = 1000;

/** The trial that the controls ask for, unchecked. */
export function memorySpec({ problem, length, hidden, method, learningRate, momentum, updates }: MemorySetting): object {
  const hasMomentum = method === "classicalMomentum" || method === "nesterov";
  return {
    task: { name: problem, length, hidden, testCases: TESTED },
    optimizer: { method, learningRate, ...(hasMomentum ? { momentum } : {}) },
    batchSize: BATCH,
    updates,
    seed: 1,
  };
}
