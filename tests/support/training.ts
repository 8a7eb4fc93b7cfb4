import {
  type Batch,
  classicalMomentum,
  hessianFree,
  type Network,
  nesterov,
  type Optimizer,
  type OptimizerDescription,
  type Runtime,
  schedules,
  sgd,
} from "heavyball";
import { RandomStream } from "#internal/random/stream";
import { layers, makePair } from "./networks.js";

export const SHAPE = layers([5, 9, 3], "tanh", "softmax");
export const MOMENTUM = schedules.piecewise({ values: [0.5, 0.9], at: [7] });

/** One of each kind of optimizer. */
export const DESCRIPTIONS: readonly OptimizerDescription[] = [
  sgd({ learningRate: 0.1, weightDecay: 0.01 }),
  classicalMomentum({ learningRate: 0.05, momentum: MOMENTUM }),
  nesterov({ learningRate: schedules.inverse({ numerator: 1, offset: 4, max: 0.1 }), momentum: MOMENTUM }),
  hessianFree({ conjugateGradient: { maximum: 5 } }),
];

/** Points of three clouds, and the cloud that each belongs to: what can be learned, and not quite. */
export function clouds(cases: number, seed = 1): Batch & { readonly targets: Float32Array } {
  const stream = new RandomStream(seed, "test/clouds");
  const inputs = new Float32Array(cases * 5);
  const targets = new Float32Array(cases * 3);
  for (let i = 0; i < cases; i++) {
    const label = stream.integer(3);
    targets[3 * i + label] = 1;
    for (let j = 0; j < 5; j++) inputs[5 * i + j] = stream.normal() + (j === label ? 2 : 0);
  }
  return { inputs, targets, cases };
}

/** Labels that nothing explains: whatever is learned of them is learned by heart. */
export function noise(cases: number, seed: number): Batch & { readonly targets: Float32Array } {
  const data = clouds(cases, seed);
  const stream = new RandomStream(seed, "test/noise");
  data.targets.fill(0);
  for (let i = 0; i < cases; i++) data.targets[3 * i + stream.integer(3)] = 1;
  return data;
}

/** A network of SHAPE at random parameters, and its optimizer. */
export function makeTrained(
  runtime: Runtime,
  description: OptimizerDescription = DESCRIPTIONS[2],
  total?: number,
): { readonly network: Network; readonly optimizer: Optimizer } {
  const { network } = makePair(runtime, SHAPE);
  return { network, optimizer: runtime.optimizer(network, description, total === undefined ? {} : { updates: total }) as Optimizer };
}
