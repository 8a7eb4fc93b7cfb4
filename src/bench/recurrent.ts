import type { Runtime } from "../createRuntime.js";
import { echoState } from "../initialize/index.js";
import type { Batch } from "../networks/batch.js";
import { recurrent } from "../networks/describe.js";
import { nesterov } from "../optimizers/momentum/momentumDescriptions.js";
import type { MomentumOptimizer } from "../optimizers/momentum/momentumOptimizer.js";
import { RandomStream } from "../random/stream.js";
import { measureWorks, type Work } from "./work.js";

const HIDDEN = 100;
const CASES = 100;

/**
 * Two of the paper's recurrent problems (section 4) as shapes: `scored` steps at the end have a loss, and inputs are other than 0 in the
 * first `presented` steps only, so that with a small spectral radius states and deltas both die out on the way.
 */
export const SEQUENCES = {
  addition: { inputs: 2, outputs: 1, output: "linear", inputScale: 0.001, steps: 80, scored: 1, presented: 80 },
  memory5: { inputs: 4, outputs: 3, output: "softmax", inputScale: 0.1, steps: 200, scored: 5, presented: 5 },
} as const;

export type SequenceName = keyof typeof SEQUENCES;

/** Milliseconds of an update over 200 steps when gradients vanish (spectral radius 0.5) and when they do not (1.1). */
export interface VanishingFigure {
  readonly updates: number;
  readonly median: number;
  /** 99th percentile. */
  readonly slowest: number;
  /** Median at radius 1.1. */
  readonly healthy: number;
}

/**
 * One whole NAG update of 100 hidden units with a minibatch of 100, from the echo-state initialization. Nominal: 6 x weights x cases x
 * steps, where the readout's weights count at scored steps only.
 */
export function sequenceUpdate(runtime: Runtime, name: SequenceName): Work {
  const { inputs, outputs, steps, scored } = SEQUENCES[name];
  const { optimizer, dispose } = start(runtime, name, 1.1);
  const batch = batchOf(name);
  const products = steps * (inputs + HIDDEN) * HIDDEN + scored * HIDDEN * outputs;
  return { run: () => optimizer.step(batch), operations: 6 * CASES * products, dispose };
}

/**
 * Times single updates over 200 steps from spectral radius 0.5, where denormal numbers would arise if anything let them, and the median at
 * radius 1.1 beside them.
 */
export async function measureVanishing(runtime: Runtime, updates: number, milliseconds: number): Promise<VanishingFigure> {
  const { healthy } = await measureWorks({ healthy: sequenceUpdate(runtime, "memory5") }, milliseconds);
  const { optimizer, dispose } = start(runtime, "memory5", 0.5);
  const batch = batchOf("memory5");
  const times = new Float64Array(updates);
  for (let t = 0; t < updates; t++) {
    const before = performance.now();
    optimizer.step(batch);
    times[t] = performance.now() - before;
  }
  dispose();
  times.sort();
  return { updates, median: times[Math.floor(updates / 2)], slowest: times[Math.floor(0.99 * updates)], healthy: healthy.milliseconds };
}

function start(runtime: Runtime, name: SequenceName, spectralRadius: number): { optimizer: MomentumOptimizer; dispose: () => void } {
  const { inputs, outputs, output, inputScale } = SEQUENCES[name];
  const network = runtime.network(recurrent({ inputs, hidden: HIDDEN, outputs, output }));
  network.initialize(echoState({ inputScale, spectralRadius, seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 1e-5, momentum: 0.9 }));
  return {
    optimizer,
    dispose: () => {
      optimizer.dispose();
      network.dispose();
    },
  };
}

function batchOf(name: SequenceName): Batch {
  const { inputs, outputs, output, steps, scored, presented } = SEQUENCES[name];
  const stream = new RandomStream(1, "benchmark");
  const targets = new Float32Array(steps * CASES * outputs);
  for (let row = 0; row < steps * CASES; row++) {
    if (output === "softmax") targets[row * outputs + stream.integer(outputs)] = 1;
    else for (let j = 0; j < outputs; j++) targets[row * outputs + j] = stream.uniform();
  }
  return {
    inputs: Float32Array.from({ length: steps * CASES * inputs }, (_, i) => (i < presented * CASES * inputs ? stream.uniform() : 0)),
    targets,
    mask: Float32Array.from({ length: steps * CASES }, (_, i) => (i < (steps - scored) * CASES ? 0 : 1)),
    cases: CASES,
    steps,
  };
}
