// Trains the CURVES autoencoder with Nesterov momentum for 2,000 updates, about half a minute on two cores.
// In this repository: npm run build && node examples/train-curves.mjs [UPDATES]

import { autoencoder, createRuntime, curves, minibatches, nesterov, schedules, sparse } from "heavyball";

const updates = Number(process.argv[2] ?? 2_000);
const runtime = await createRuntime();
const network = runtime.network(autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }));
network.initialize(sparse({ seed: 1 }));
// The momentum of Eq. 5 rises in steps of 250 updates over the 750,000 of the paper; these are few, and so are its steps shorter.
const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.99, period: 20 }) }));

const data = curves({ cases: 20_000, seed: 1 });
for (const batch of minibatches(data, { size: 200, updates, seed: 1 })) {
  const { update, loss } = optimizer.step(batch);
  if ((update + 1) % 200 === 0) console.log(`${update + 1} updates, loss of the last minibatch ${loss.toFixed(1)}`);
}

// Mean over cases of the squared error summed over the 784 pixels; the mean image would score about 17.
console.log("training error", network.evaluate(data).squaredError);
console.log("test error", network.evaluate(curves({ set: "test", seed: 1 })).squaredError);
runtime.dispose();
