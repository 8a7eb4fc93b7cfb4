import { allocate } from "../../boundary/allocate.js";
import { present } from "../../boundary/present.js";
import { naturalLog } from "../../math/logarithm.js";
import type { Batch } from "../../networks/batch.js";
import { RandomStream } from "../../random/stream.js";
import { checkInteger, checkOneOf, checkSeed, orDefault } from "../../validate.js";
import { checkTaskOptions } from "../sequences/checkTask.js";
import { checkInitialHidden, withLearnedInitialHidden } from "../sequences/learnedInitialHidden.js";
import { checkBatchRequest, checkPredictions, type SequenceTask, TEST_CASES, WATCH_CASES } from "../sequences/sequenceTask.js";

/** The memory problems. */
export type MemoryName = keyof typeof memoryProblems;

/** A memory problem as plain data; what each setting means is said of the options of `memory5` and `memory20`. */
export interface MemoryDescription<Name extends MemoryName = MemoryName> {
  readonly name: Name;
  readonly length: number;
  readonly lengthMeans: "total" | "delay";
  readonly scored: "last" | "all";
  readonly initialHidden: "zero" | "learned";
  readonly seed?: number;
}

/** Options of `memory5` and `memory20`. */
export interface MemoryOptions {
  /** T, at least twice the symbols and one. Default 200 for memory5, 80 for memory20. */
  length?: number;
  /** Whether T is the whole length, or the steps between the symbols and their repetition. Default total. */
  lengthMeans?: "total" | "delay";
  /** Whether the loss is that of the last steps, which repeat the symbols, or of all. Default last. */
  scored?: "last" | "all";
  /** The hidden state before the first step: 0, or learned, by one more input and one more step. Default zero. */
  initialHidden?: "zero" | "learned";
  /** Of the sequences, in place of the trial's. */
  seed?: number;
}

/** The noiseless memory problem with 5 symbols of 2 kinds (32 different sequences), T = 200 unless given; see `memory20`. */
export function memory5(options: MemoryOptions = {}): SequenceTask<MemoryDescription<"memory5">> {
  return createMemory("memory5", options);
}

/**
 * The noiseless memory problem with n = 10 symbols of S = 5 kinds, T = 80 unless given (`memory5`: n = 5, S = 2, T = 200): the network
 * reads n symbols, then nothing for a long time, then a cue, and repeats the symbols.
 *
 * Inputs are one-hot: the symbols (0 .. S - 1) at steps 0 .. n - 1, the cue (S) at step T - n - 1, blanks (S + 1) at all other steps.
 * Targets are one-hot: blank (S) until the last n steps, which hold the symbols in order. All sequences have T steps.
 *
 * Options, the second to fourth being readings on which the paper is silent:
 * - `length`: T, at least 2 n + 1.
 * - `lengthMeans` "total": T is the whole length; "delay": T steps lie between the symbols and their repetition, T + 2 n in all.
 * - `scored` "last": the loss is that of the last n steps, which the bias column of Table 5 points to; "all": of every step.
 * - `initialHidden` "zero": the hidden state before the first step is 0; "learned": it is learned, by way of one more input and one more
 *   step before the others, as `learnedInitialHidden.ts` says. The extra step is not among the T and is never scored.
 * - `seed`, in place of the trial's.
 *
 * The zero-one error is the number of the n symbols that are repeated wrongly, per sequence: 2.5 and 8.0 by chance, as in Table 5.
 * Output biases are the log frequencies of the scored targets; with `scored` "last" the symbols are equally frequent and blanks, which
 * do not occur, would need minus infinity, so there all biases are 0. A tie counts for the first of the outputs.
 *
 * Throws `InvalidOptionError`.
 */
export function memory20(options: MemoryOptions = {}): SequenceTask<MemoryDescription<"memory20">> {
  return createMemory("memory20", options);
}

/** Symbols to remember, their kinds, and the length of the sequences unless given. */
export const memoryProblems = {
  memory5: { symbols: 5, kinds: 2, length: 200 },
  memory20: { symbols: 10, kinds: 5, length: 80 },
} as const;

/** The same from whatever was given; `where` is what its options are called in messages. */
export function createMemory<Name extends MemoryName>(
  name: Name,
  options: object,
  where: string = name,
): SequenceTask<MemoryDescription<Name>> {
  const { symbols: n, kinds, length: standardLength } = memoryProblems[name];
  const given = checkTaskOptions(name, where, options, ["length", "lengthMeans", "scored", "initialHidden"]);
  const lengthMeans = checkOneOf(`${where}.lengthMeans`, orDefault(given.lengthMeans, "total"), ["total", "delay"]);
  const length = checkInteger(`${where}.length`, orDefault(given.length, standardLength), lengthMeans === "total" ? 2 * n + 1 : 1, 100_000);
  const scored = checkOneOf(`${where}.scored`, orDefault(given.scored, "last"), ["last", "all"]);
  const initialHidden = checkInitialHidden(where, given.initialHidden);
  const steps = lengthMeans === "total" ? length : length + 2 * n;
  const inputs = kinds + 2;
  const outputs = kinds + 1;
  const firstScored = scored === "last" ? steps - n : 0;
  const floatsPerCase = steps * inputs;

  const generate = (stream: RandomStream, cases: number): Batch => {
    const floats = (perStep: number): Float32Array => allocate(Float32Array, steps * cases * perStep, "the sequences");
    const batch = { inputs: floats(inputs), targets: floats(outputs), mask: floats(1), cases, steps };
    batch.mask.fill(1, firstScored * cases);
    const blank = kinds + 1;
    const cue = kinds;
    const cueRows = (steps - n - 1) * cases;
    const lastRows = (steps - n) * cases;
    for (let row = n * cases; row < steps * cases; row++) batch.inputs[row * inputs + (row >= cueRows && row < lastRows ? cue : blank)] = 1;
    for (let row = 0; row < lastRows; row++) batch.targets[row * outputs + kinds] = 1;
    for (let c = 0; c < cases; c++) {
      for (let i = 0; i < n; i++) {
        const symbol = stream.integer(kinds);
        batch.inputs[(i * cases + c) * inputs + symbol] = 1;
        batch.targets[(lastRows + i * cases + c) * outputs + symbol] = 1;
      }
    }
    return batch;
  };

  const task: SequenceTask<MemoryDescription<Name>> = {
    description: present({ name, length, lengthMeans, scored, initialHidden, seed: checkSeed(`${where}.seed`, given.seed) }),
    inputs,
    outputs,
    output: "softmax",
    loss: "crossEntropy",
    steps,
    inputScale: 0.1,
    ...biasesAlone(steps, n, kinds, scored),
    zeroOneMeaning: `symbols of ${n} repeated wrongly, per sequence`,
    batch(seed, update, cases) {
      checkBatchRequest(seed, update, cases, floatsPerCase);
      return generate(new RandomStream(seed, "data", update), cases);
    },
    testBatch(seed, cases = TEST_CASES) {
      checkBatchRequest(seed, 0, cases, floatsPerCase);
      return generate(new RandomStream(seed, "data/test"), cases);
    },
    watchBatch(seed, cases = WATCH_CASES) {
      checkBatchRequest(seed, 0, cases, floatsPerCase);
      return generate(new RandomStream(seed, "data/watch"), cases);
    },
    zeroOne(predictions, batch) {
      checkPredictions({ steps, outputs }, predictions, batch);
      const { targets, cases } = batch as Required<Batch>;
      let wrong = 0;
      // Only the repetition counts, whatever the loss is scored on.
      for (let row = (steps - n) * cases; row < steps * cases; row++) {
        const answer = largest(predictions, row * outputs, outputs);
        if (answer < 0 || targets[row * outputs + answer] !== 1) wrong++;
      }
      return wrong / cases;
    },
  };
  return initialHidden === "learned" ? withLearnedInitialHidden(task) : task;
}

/** The output biases, and what a softmax of them achieves. */
function biasesAlone(steps: number, n: number, kinds: number, scored: "last" | "all"): Pick<SequenceTask, "outputBiases" | "biasesOnly"> {
  if (scored === "last") {
    const outputBiases = new Array<number>(kinds + 1).fill(0);
    return { outputBiases, biasesOnly: { loss: n * naturalLog(kinds + 1), zeroOne: n * (1 - 1 / kinds) } };
  }
  const symbol = naturalLog(n / (kinds * steps));
  const blank = naturalLog((steps - n) / steps);
  const outputBiases = [...new Array<number>(kinds).fill(symbol), blank];
  // As there are more than 2 n steps, blanks are more frequent than any one symbol: they are what the biases say, and always wrong.
  return { outputBiases, biasesOnly: { loss: -(n * symbol + (steps - n) * blank), zeroOne: n } };
}

/** Index of the largest of `count` values, the first of equals; -1 if one is NaN. */
function largest(values: Float32Array, at: number, count: number): number {
  let best = 0;
  for (let k = 0; k < count; k++) {
    if (Number.isNaN(values[at + k])) return -1;
    if (values[at + k] > values[at + best]) best = k;
  }
  return best;
}
