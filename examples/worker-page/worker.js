// The Worker: has all threads where the page is cross-origin isolated (vite.config.js), and one where it is not.

import { autoencoder, createRuntime, curves, dense, nesterov, schedules, train } from "heavyball";

const stop = new AbortController();
self.onmessage = () => stop.abort();

const runtime = await createRuntime();
const network = runtime.network(autoencoder({ encoder: [784, 100, 20] }));
network.initialize(dense({ distribution: "glorot", seed: 1 }));
const momentum = schedules.sutskever({ max: 0.95, period: 50 });
const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.05, momentum }));

const images = curves({ cases: 2_000, seed: 1 });
const unseen = curves({ cases: 200, set: "test", seed: 1 });
const shown = { inputs: unseen.inputs.slice(0, 8 * 784), cases: 8 };

function tell(update, end) {
  const { squaredError: error } = network.evaluate(unseen);
  self.postMessage({ update, error, threads: runtime.threads, originals: shown.inputs, restored: network.predict(shown), end });
}

// `train` gives the Worker its turn too, so that it hears the page.
const options = { updates: 600, every: 20, signal: stop.signal, onReport: ({ update }) => tell(update) };
const { reason, updates } = await train(network, optimizer, images, options);
tell(updates, reason.code === "aborted" ? "; stopped" : "; done");
await runtime.dispose();
