import { type Runtime, autoencoder, createRuntime, curves, minibatches, nesterov, schedules, sparse } from "heavyball";
import { ODD_AUTOENCODER, randomBatch, randomParameters } from "./networks.js";

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
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.05, momentum: schedules.sutskever({ max: 0.99, period: 30 }), weightDecay: 1e-4 }));
  const losses = Float64Array.from({ length: 200 }, (_, t) => optimizer.step(randomBatch(ODD_AUTOENCODER, 40 + (t % 11), t)).loss);
  return sha256(network.getParameters(), optimizer.getVelocity(), losses);
}

/** A few dozen updates of the paper's CURVES autoencoder. */
async function trainCurves(runtime: Runtime): Promise<string> {
  const network = runtime.network(autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }));
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.99, period: 8 }) }));
  for (const batch of minibatches(curves({ cases: 1000, seed: 1 }), { size: 200, updates: 24, seed: 1 })) optimizer.step(batch);
  return sha256(network.getParameters(), optimizer.getVelocity());
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

/** Runs all of it on a team of `threads`. */
export async function runTeam(threads: number, kernels: "simd" | "relaxed"): Promise<TeamReport> {
  const runtime = await createRuntime({ threads, kernels });
  try {
    const digests = { train: await train(runtime), trainCurves: await trainCurves(runtime), read: await read(runtime) };
    return { threads: runtime.threads, reason: runtime.threadsReason, digests };
  } finally {
    await runtime.dispose();
  }
}
