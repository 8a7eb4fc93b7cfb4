import type { Runtime } from "../createRuntime.js";
import { sparse } from "../initialize/index.js";
import { autoencoder } from "../networks/describe.js";
import { nesterov } from "../optimizers/momentum/momentumDescriptions.js";
import { RandomStream } from "../random/stream.js";
import { schedules } from "../schedules/index.js";
import type { Work } from "./work.js";

/** The paper's three autoencoders (Table 6). */
export const AUTOENCODERS = {
  CURVES: autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }),
  MNIST: autoencoder({ encoder: [784, 1000, 500, 250, 30] }),
  FACES: autoencoder({ encoder: [625, 2000, 1000, 500, 30], output: "linear" }),
} as const;

export type AutoencoderName = keyof typeof AUTOENCODERS;

const CASES = 200;

/**
 * One whole NAG update with a minibatch of 200: staging, forward, loss, backward, gradient, momentum, packing. Nominal: 6 x weights x
 * cases.
 */
export function autoencoderUpdate(runtime: Runtime, name: AutoencoderName): Work {
  const description = AUTOENCODERS[name];
  const { sizes } = description;
  const network = runtime.network(description);
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 1e-4, momentum: schedules.sutskever({ max: 0.99 }) }));
  const stream = new RandomStream(1, "benchmark");
  const batch = { inputs: Float32Array.from({ length: CASES * sizes[0] }, () => stream.uniform()), cases: CASES };
  const weights = sizes.slice(1).reduce((sum, units, l) => sum + units * sizes[l], 0);
  return {
    run: () => optimizer.step(batch),
    operations: 6 * weights * CASES,
    dispose: () => {
      optimizer.dispose();
      network.dispose();
    },
  };
}
