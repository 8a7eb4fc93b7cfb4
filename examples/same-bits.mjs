// Trains the same network on teams of one, two and three threads, and prints the SHA-256 of its parameters: the same, here and everywhere
// (docs/reproducibility.md). In this repository: npm run build && node examples/same-bits.mjs

import { createHash } from "node:crypto";
import { autoencoder, createRuntime, curves, minibatches, nesterov, schedules, sparse } from "heavyball";

const data = curves({ cases: 400, seed: 1 });
for (const threads of [1, 2, 3]) {
  const runtime = await createRuntime({ threads, kernels: "simd" });
  const network = runtime.network(autoencoder({ encoder: [784, 100, 50, 6] }));
  network.initialize(sparse({ seed: 1 }));
  const momentum = schedules.sutskever({ max: 0.99, period: 10 });
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum }));
  for (const batch of minibatches(data, { size: 100, updates: 100, seed: 1 })) optimizer.step(batch);
  const hash = createHash("sha256").update(network.getParameters()).digest("hex");
  console.log(`${hash}  ${threads} thread${threads === 1 ? "" : "s"}`);
  await runtime.dispose();
}
