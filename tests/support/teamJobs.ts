import {
  adam,
  autoencoder,
  type Batch,
  createRuntime,
  curves,
  echoState,
  type FeedForwardNetwork,
  feedForward,
  minibatches,
  nesterov,
  type RecurrentNetwork,
  type Runtime,
  schedules,
  sparse,
} from "heavyball";
import { normals } from "../reference/matrices.js";
import { SolverBench } from "./conjugateGradient.js";
import { PublicCurvature } from "./curvature.js";
import { ODD_AUTOENCODER, randomBatch, randomParameters } from "./networks.js";
import { MASKS, makeRecurrentPair, randomSequences, shape } from "./sequences.js";

/** Team sizes whose results must be the same to the bit. */
export const TEAMS = [1, 2, 3, 4, 7];

/** What a team was and a digest of everything it computed. */
export interface TeamReport {
  readonly threads: number;
  readonly reason: string;
  /** SHA-256 of each result, by name. */
  readonly digests: Readonly<Record<string, string>>;
}

export async function sha256(...arrays: readonly (Float32Array | Float64Array)[]): Promise<string> {
  const bytes = new Uint8Array(arrays.reduce((length, { byteLength }) => length + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 200 Nesterov updates, momentum crossing several steps of its schedule, with minibatches of every remainder against a tile. */
async function train(runtime: Runtime): Promise<string> {
  const network = runtime.network(ODD_AUTOENCODER);
  network.setParameters(randomParameters(network, 1));
  const optimizer = runtime.optimizer(
    network,
    nesterov({ learningRate: 0.05, momentum: schedules.sutskever({ max: 0.99, period: 30 }), weightDecay: 1e-4 }),
  );
  const losses = Float64Array.from({ length: 200 }, (_, t) => optimizer.step(randomBatch(ODD_AUTOENCODER, 40 + (t % 11), t)).loss);
  return sha256(network.getParameters(), optimizer.getVelocity(), losses);
}

/** 100 updates of Adam with decoupled weight decay. */
async function trainAdam(runtime: Runtime): Promise<string> {
  const network = runtime.network(ODD_AUTOENCODER);
  network.setParameters(randomParameters(network, 1));
  const optimizer = runtime.optimizer(network, adam({ learningRate: 0.01, weightDecay: 0.1, decoupled: true }));
  const losses = Float64Array.from({ length: 100 }, (_, t) => optimizer.step(randomBatch(ODD_AUTOENCODER, 40 + (t % 11), t)).loss);
  const { firstMoment, secondMoment } = optimizer.getState();
  return sha256(network.getParameters(), firstMoment, secondMoment, losses);
}

/** A few dozen updates of the paper's CURVES autoencoder. */
async function trainCurves(runtime: Runtime): Promise<string> {
  const network = runtime.network(autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }));
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.99, period: 8 }) }));
  for (const batch of minibatches(curves({ cases: 1000, seed: 1 }), { size: 200, updates: 24, seed: 1 })) optimizer.step(batch);
  return sha256(network.getParameters(), optimizer.getVelocity());
}

/**
 * Nesterov updates through time from the echo-state initialization, minibatches of every remainder against a tile, masks of every kind, and
 * what the network then computes.
 */
async function trainSequences(runtime: Runtime): Promise<string> {
  const description = shape(3, 21, 5, "softmax");
  const network = runtime.network(description);
  network.initialize(echoState({ inputScale: 0.1, seed: 1 }));
  const optimizer = runtime.optimizer(
    network,
    nesterov({ learningRate: 0.01, momentum: schedules.piecewise({ values: [0.9, 0.995], at: [20] }) }),
  );
  const masks = Object.values(MASKS);
  const losses = Float64Array.from(
    { length: 40 },
    (_, t) => optimizer.step(randomSequences(description, 20 + (t % 11), 1 + ((7 * t) % 23), masks[t % masks.length], t)).loss,
  );
  const batch = randomSequences(description, 300, 9, MASKS["cases of unequal lengths"]);
  const { loss, squaredError } = network.evaluate(batch);
  const { gradient } = network.gradient(batch);
  return sha256(
    network.getParameters(),
    optimizer.getVelocity(),
    losses,
    Float64Array.of(loss, squaredError),
    gradient,
    network.predict(batch),
    network.activations(batch, 1),
  );
}

/** Everything else a network computes, on batches of one case, of less than a tile each, and of several blocks. */
async function read(runtime: Runtime): Promise<string> {
  const network = runtime.network(ODD_AUTOENCODER);
  network.setParameters(randomParameters(network, 2));
  const results = [1, 2, 5, 37, 700].flatMap((cases) => {
    const batch = randomBatch(ODD_AUTOENCODER, cases);
    const { loss, squaredError } = network.evaluate(batch);
    const { loss: gradientLoss, gradient } = network.gradient(batch);
    return [Float64Array.of(loss, squaredError, gradientLoss), gradient, network.predict(batch), network.activations(batch, 3)];
  });
  return sha256(...results);
}

/** Curvature products and squared gradients, in one chunk and in several, and products through time with structural damping. */
async function curve(runtime: Runtime): Promise<string> {
  const results: Float32Array[] = [];
  for (const [description, cases] of [
    [ODD_AUTOENCODER, 1],
    [ODD_AUTOENCODER, 37],
    [ODD_AUTOENCODER, 700],
    [feedForward({ sizes: [3, 9001, 2] }), 560],
  ] as const) {
    const network = runtime.network(description);
    network.setParameters(randomParameters(network, 3));
    const batch = randomBatch(description, cases);
    results.push(network.gaussNewtonProduct(randomParameters(network, 4), batch), network.squaredGradient(batch));
    network.dispose();
  }
  for (const [cases, steps] of [
    [1, 5],
    [23, 7],
    [300, 6],
  ] as const) {
    const description = shape(3, 21, 5, "softmax");
    const { network } = makeRecurrentPair(runtime, description, 5);
    const staged = new PublicCurvature(network);
    staged.linearize(randomSequences(description, cases, steps, MASKS["cases of unequal lengths"]));
    results.push(staged.product(network.getParameters(), 0.1));
    staged.release();
    network.dispose();
  }
  return sha256(...results);
}

/**
 * Conjugate gradient with everything it can be given, over vectors of less than one block of sums and of many, and over several chunks of
 * cases.
 */
async function solve(runtime: Runtime): Promise<string> {
  const results: (Float32Array | Float64Array)[] = [];
  const add = (network: FeedForwardNetwork | RecurrentNetwork, batch: Batch, structural: number): void => {
    const bench = new SolverBench(network, batch);
    const draw = (seed: number) => normals(network.parameterCount, seed);
    const [right, inverse, start] = [draw(5), draw(6).map((value) => 1 / (1 + value * value)), draw(7)].map((values) =>
      bench.block(values),
    ) as [number, number, number];
    const { x, phi, iterates } = bench.solve({
      right,
      inverse,
      start: { block: start, scale: 0.5 },
      shift: 0.1,
      structural,
      maximum: 25,
      keep: [1, 5, 9],
    });
    results.push(bench.read(x), Float64Array.of(phi), ...iterates.map(({ block }) => bench.read(block)));
    bench.release();
    network.dispose();
  };
  for (const [description, cases] of [
    [ODD_AUTOENCODER, 37],
    [feedForward({ sizes: [3, 9001, 2] }), 560],
  ] as const) {
    const network = runtime.network(description);
    network.setParameters(randomParameters(network, 3));
    add(network, randomBatch(description, cases), 0);
  }
  const description = shape(3, 21, 5, "softmax");
  add(makeRecurrentPair(runtime, description, 5).network, randomSequences(description, 23, 7, MASKS["cases of unequal lengths"]), 0.1);
  return sha256(...results);
}

/** Runs all of it on a team of `threads`. */
export async function runTeam(threads: number, kernels: "simd" | "relaxed" | "wide"): Promise<TeamReport> {
  const runtime = await createRuntime({ threads, kernels });
  try {
    const digests = {
      train: await train(runtime),
      trainAdam: await trainAdam(runtime),
      trainCurves: await trainCurves(runtime),
      trainSequences: await trainSequences(runtime),
      read: await read(runtime),
      curve: await curve(runtime),
      solve: await solve(runtime),
    };
    return { threads: runtime.threads, reason: runtime.threadsReason, digests };
  } finally {
    await runtime.dispose();
  }
}
