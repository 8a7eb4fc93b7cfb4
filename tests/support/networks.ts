import {
  type Activation,
  autoencoder,
  type Batch,
  type FeedForwardDescription,
  type FeedForwardNetwork,
  feedForward,
  type Runtime,
} from "heavyball";
import { RandomStream } from "#internal/random/stream";
import { FeedForwardTwin } from "../reference/feedForwardTwin.js";

/** A network at random parameters and the twin of its shape. */
export interface Pair {
  readonly network: FeedForwardNetwork;
  readonly twin: FeedForwardTwin;
}

/** Every hidden activation before every output. */
export const COMBINATIONS = (["logistic", "tanh", "relu", "linear"] as const).flatMap((hidden) =>
  (["logistic", "softmax", "linear"] as const).map((output) => [hidden, output] as const),
);

/** Layers of these sizes, all hidden ones alike. */
export function layers(sizes: readonly number[], hidden: Activation, output: Activation): FeedForwardDescription {
  return feedForward({ sizes, activations: sizes.slice(1).map((_, l) => (l === sizes.length - 2 ? output : hidden)) });
}

/** An autoencoder whose every size is odd, so that nothing fits a panel or a tile. */
export const ODD_AUTOENCODER = autoencoder({ encoder: [13, 9, 5, 3] });

/** Makes network and twin; the weights are N(0, 1/inputs), the biases N(0, 1/16), so that no unit saturates and none is idle. */
export function makePair(runtime: Runtime, description: FeedForwardDescription, seed = 1): Pair {
  const network = runtime.network(description);
  network.setParameters(randomParameters(network, seed));
  return { network, twin: new FeedForwardTwin(description) };
}

export function randomParameters(network: FeedForwardNetwork, seed: number): Float32Array {
  const stream = new RandomStream(seed, "test/parameters");
  const parameters = new Float32Array(network.parameterCount);
  for (const { shape, offset } of network.layout) {
    const [rows, columns] = shape.length === 2 ? [shape[0], shape[1]] : [1, shape[0]];
    const scale = shape.length === 2 ? 1 / Math.sqrt(rows) : 0.25;
    for (let i = 0; i < rows * columns; i++) parameters[offset + i] = scale * stream.normal();
  }
  return parameters;
}

/** Inputs in (0, 1), and targets that suit the output: in (0, 1) for logistic, `softmaxTargets` for softmax, any for linear. */
export function randomBatch(
  { sizes, activations }: FeedForwardDescription,
  cases: number,
  seed = 1,
): Batch & { readonly targets: Float32Array } {
  const stream = new RandomStream(seed, "test/batch");
  const outputs = sizes.at(-1)!;
  const output = activations.at(-1)!;
  const inputs = Float32Array.from({ length: cases * sizes[0] }, () => stream.uniform());
  const targets = new Float32Array(cases * outputs);
  for (let i = 0; i < cases; i++) {
    if (output === "softmax") softmaxTargets(targets.subarray(i * outputs, (i + 1) * outputs), i, stream);
    else for (let j = 0; j < outputs; j++) targets[i * outputs + j] = output === "logistic" ? stream.uniform() : stream.normal();
  }
  return { inputs, targets, cases };
}

/**
 * Fills row i: turn and turn about one-hot, a distribution and anything in [0, 1), and every eighth with nothing at all, for every such row
 * is a target of the loss sum t (log sum exp z - z).
 */
export function softmaxTargets(row: Float32Array, i: number, stream: RandomStream): void {
  if (i % 8 === 7) return;
  if (i % 3 === 0) row[stream.integer(row.length)] = 1;
  else row.forEach((_, j) => (row[j] = stream.uniform()));
  if (i % 3 === 1) row.set(row.map((value) => value / row.reduce((sum, other) => sum + other, 0)));
}

/** Cases [first, end) of a batch. */
export function slice({ sizes }: FeedForwardDescription, { inputs, targets }: Batch, first: number, end: number): Batch {
  const rows = (values: Float32Array, width: number) => values.slice(first * width, end * width);
  return { inputs: rows(inputs, sizes[0]), ...(targets ? { targets: rows(targets, sizes.at(-1)!) } : {}), cases: end - first };
}

/** |a - b| / |b| in the 2-norm, for every tensor of the network by name; what is 0 in b must be 0 in a. */
export function tensorErrors(network: FeedForwardNetwork, a: ArrayLike<number>, b: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(
    network.layout.map(({ name, shape, offset }) => {
      let difference = 0;
      let norm = 0;
      for (let i = offset; i < offset + shape.reduce((x, y) => x * y, 1); i++) {
        difference += (a[i] - b[i]) ** 2;
        norm += b[i] ** 2;
      }
      return [name, difference === 0 ? 0 : Math.sqrt(difference / norm)];
    }),
  );
}

/** The largest of `tensorErrors`; NaN if any is. */
export function worstTensorError(network: FeedForwardNetwork, a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Object.values(tensorErrors(network, a, b)));
}

/** Whether two arrays hold the same bits. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bits = ({ buffer, byteOffset, length }: Float32Array) => new Int32Array(buffer, byteOffset, length);
  return a.length === b.length && bits(a).every((word, i) => word === bits(b)[i]);
}
