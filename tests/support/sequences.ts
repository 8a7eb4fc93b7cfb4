import {
  type Activation,
  type Batch,
  type FeedForwardNetwork,
  type RecurrentDescription,
  type RecurrentNetwork,
  type Runtime,
  recurrent,
} from "heavyball";
import { RandomStream } from "#internal/random/stream";
import { RecurrentTwin } from "../reference/recurrentTwin.js";
import { softmaxTargets, worstTensorError } from "./networks.js";

/** A recurrent network at random parameters and the twin of its shape. */
export interface RecurrentPair {
  readonly network: RecurrentNetwork;
  readonly twin: RecurrentTwin;
}

export type Sequences = Batch & { readonly targets: Float32Array; readonly steps: number };

/** The weight of case m's loss at step t, of `steps`. */
export type Mask = (t: number, m: number, steps: number) => number;

/** Steps that case m has when lengths differ: from 1 to all of them, in no order. */
const lengthOf = (m: number, steps: number): number => 1 + ((7 * m + 3) % steps);

/** Every kind of mask. What none scores: the first steps, the last ones, or some in the middle. */
export const MASKS: Readonly<Record<string, Mask | undefined>> = {
  "no mask": undefined,
  "the last step scored": (t, _m, steps) => (t === steps - 1 ? 1 : 0),
  "the first step scored": (t) => (t === 0 ? 1 : 0),
  "cases of unequal lengths": (t, m, steps) => (t < lengthOf(m, steps) ? 1 : 0),
  "cases of unequal lengths, each scored at its end": (t, m, steps) => (t === lengthOf(m, steps) - 1 ? 1 : 0),
  "fractional weights": (t, m) => ((5 * t + 3 * m) % 8) / 8 + 0.0625,
  "weights above 1": (t, m) => 1 + ((t + m) % 3) * 1.5,
  "steps in the middle left out": (t, _m, steps) => (t === 0 || t === steps - 1 ? 1 : t % 3 === 0 ? 0.5 : 0),
  "the last steps left out": (t, _m, steps) => (t <= Math.floor(steps / 3) ? 1 : 0),
  "one case scored at one step": (t, m, steps) => (m === 0 && t === Math.floor(steps / 2) ? 1 : 0),
};

/** The outputs, each with the one loss that matches it. */
export const OUTPUTS = ["linear", "logistic", "softmax"] as const;

/** A shape by its sizes. */
export function shape(inputs: number, hidden: number, outputs: number, output: Activation = "linear"): RecurrentDescription {
  return recurrent({ inputs, hidden, outputs, output, loss: output === "linear" ? "squared" : "crossEntropy" });
}

/**
 * Makes network and twin. Weights are N(0, 1/inputs), those between hidden units times `recurrence`, biases N(0, 1/16): no unit saturates
 * and none is idle, and with a recurrence below 1 rounding errors do not grow from step to step.
 */
export function makeRecurrentPair(runtime: Runtime, description: RecurrentDescription, seed = 1, recurrence = 0.9): RecurrentPair {
  const network = runtime.network(description);
  const stream = new RandomStream(seed, "test/parameters");
  const parameters = new Float32Array(network.parameterCount);
  for (const {
    name,
    shape: [rows, columns],
    offset,
  } of network.layout) {
    const scale = columns === undefined ? 0.25 : (name === "hiddenToHidden" ? recurrence : 1) / Math.sqrt(rows);
    for (let i = 0; i < rows * (columns ?? 1); i++) parameters[offset + i] = scale * stream.normal();
  }
  network.setParameters(parameters);
  return { network, twin: new RecurrentTwin(description) };
}

/** Inputs from N(0, 1), targets that suit the output: in (0, 1) for logistic, `softmaxTargets` for softmax, N(0, 1) for linear. */
export function randomSequences(
  { inputs, outputs, output }: RecurrentDescription,
  cases: number,
  steps: number,
  mask?: Mask,
  seed = 1,
): Sequences {
  const stream = new RandomStream(seed, "test/sequences");
  const rows = steps * cases;
  const targets = new Float32Array(rows * outputs);
  for (let i = 0; i < rows; i++) {
    if (output === "softmax") softmaxTargets(targets.subarray(i * outputs, (i + 1) * outputs), i, stream);
    else for (let j = 0; j < outputs; j++) targets[i * outputs + j] = output === "logistic" ? stream.uniform() : stream.normal();
  }
  return {
    inputs: Float32Array.from({ length: rows * inputs }, () => stream.normal()),
    targets,
    ...(mask ? { mask: Float32Array.from({ length: rows }, (_, i) => mask(Math.floor(i / cases), i % cases, steps)) } : {}),
    cases,
    steps,
  };
}

/** Cases [first, end) of a batch. */
export function someCases({ inputs, outputs }: RecurrentDescription, batch: Sequences, first: number, end: number): Sequences {
  const take = (values: Float32Array, features: number): Float32Array =>
    Float32Array.from({ length: batch.steps * (end - first) * features }, (_, i) => {
      const row = Math.floor(i / features);
      const t = Math.floor(row / (end - first));
      return values[(t * batch.cases + first + (row % (end - first))) * features + (i % features)];
    });
  return {
    inputs: take(batch.inputs, inputs),
    targets: take(batch.targets, outputs),
    ...(batch.mask ? { mask: take(batch.mask, 1) } : {}),
    cases: end - first,
    steps: batch.steps,
  };
}

/** `worstTensorError`, which asks for nothing but the layout that all networks have. */
export function worstError(network: RecurrentNetwork, a: ArrayLike<number>, b: ArrayLike<number>): number {
  return worstTensorError(network as unknown as FeedForwardNetwork, a, b);
}

/** SHA-256 of the bits, in hexadecimal. */
export async function digest(values: Float32Array): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", values.slice()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
