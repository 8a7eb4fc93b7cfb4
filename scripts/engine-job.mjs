/**
 * The job whose bits must be the same everywhere: 200 Nesterov updates of the CURVES autoencoder (momentum crossing several
 * steps of its schedule), then the SHA-256 of the parameters. Runs in Node and in a browser's worker.
 */
export const TEAMS = [1, 2, 3, 4, 7];
const UPDATES = 200;

async function sha256(values) {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function train({ createRuntime, autoencoder, sparse, nesterov, schedules, minibatches }, data, kernels, threads) {
  const started = performance.now();
  const runtime = await createRuntime({ threads, kernels });
  try {
    if (runtime.threads !== threads) throw new Error(`asked for ${threads} threads, got ${runtime.threads}: ${runtime.threadsReason}`);
    if (kernels === "wide" && !runtime.wide) return { kernels, unsupported: true };
    const network = runtime.network(autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }));
    network.initialize(sparse({ seed: 1 }));
    const momentum = schedules.sutskever({ max: 0.99, period: 50 });
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum }));
    let loss;
    for (const batch of minibatches(data, { size: 200, updates: UPDATES, seed: 1 })) ({ loss } = optimizer.step(batch));
    return { kernels, threads, loss, hash: await sha256(network.getParameters()), seconds: (performance.now() - started) / 1000 };
  } finally {
    runtime.dispose();
  }
}

/** Calls `report` with `{ data }` (the hash of the images), then with `{ kernels, threads, loss, hash, seconds }` per variant and team. */
export async function runJob(heavyball, report, { kernels = ["simd", "relaxed", "wide"], teams = TEAMS } = {}) {
  const data = heavyball.curves({ cases: 4_000, seed: 1 });
  report({ data: await sha256(data.inputs) });
  for (const variant of kernels) {
    for (const threads of teams) {
      try {
        const result = await train(heavyball, data, variant, threads);
        report(result);
        if (result.unsupported) break;
      } catch (error) {
        // Engines without relaxed SIMD say so; anything else is a failure. Wide kernels come last: their flag is for the whole process.
        if (variant === "simd" || error.code !== "UNSUPPORTED" || threads !== teams[0]) throw error;
        report({ kernels: variant, unsupported: true });
        break;
      }
    }
  }
}
