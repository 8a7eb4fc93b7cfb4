/**
 * A trial a core, or a team a trial: which makes more updates a second? The figures are in docs/sweeps.md.
 *
 *   node scripts/jobs-or-teams.mjs [cores] [rounds] [seconds]
 *
 * One process whose team has a thread a core, and as many processes of one thread as there are cores, take turns of a few seconds, so that
 * what else the machine does falls on both. Of each the median and the best turn are told, in updates a second of all its processes.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { addition, autoencoder, createRuntime, curves, echoState, minibatches, nesterov, recurrent, sparse } from "../dist/index.js";

const shapes = {
  curves: { description: () => autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }), images: true },
  mnist: { description: () => autoencoder({ encoder: [784, 1000, 500, 250, 30] }), images: true },
  addition: { description: () => recurrent({ inputs: 2, hidden: 100, outputs: 1 }), images: false },
};

async function work() {
  const [, , , name, threads] = process.argv;
  const { description, images } = shapes[name];
  const runtime = await createRuntime({ threads: Number(threads) });
  const network = runtime.network(description());
  network.initialize(images ? sparse({ seed: 1 }) : echoState({ inputScale: 0.001, seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 1e-4, momentum: 0.9 }));
  const data = images ? curves({ cases: 2000, seed: 1 }) : undefined;
  const task = images ? undefined : addition({ length: 80 });
  const batches = images ? [...minibatches(data, { size: 200, updates: 10, seed: 1 })] : [0, 1, 2].map((at) => task.batch(1, at, 100));
  let at = 0;
  process.on("message", async (seconds) => {
    const begun = performance.now();
    const first = at;
    while (performance.now() - begun < 1000 * seconds) optimizer.step(batches[at++ % batches.length]);
    process.send((1000 * (at - first)) / (performance.now() - begun));
  });
  process.on("disconnect", () => process.exit());
  process.send("ready");
}

const heard = (child) => new Promise((resolve) => child.once("message", resolve));

async function measure(name, cores, rounds, seconds) {
  const file = fileURLToPath(import.meta.url);
  const start = async (threads) => {
    const child = fork(file, ["work", name, String(threads)]);
    await heard(child);
    return child;
  };
  const team = [await start(cores)];
  const singles = await Promise.all(Array.from({ length: cores }, () => start(1)));
  const turn = async (children) => {
    const speeds = children.map((child) => (child.send(seconds), heard(child)));
    return (await Promise.all(speeds)).reduce((sum, speed) => sum + speed, 0);
  };
  const speeds = { team: [], singles: [] };
  for (let round = 0; round < rounds; round++) {
    speeds.team.push(await turn(team));
    speeds.singles.push(await turn(singles));
  }
  for (const child of [...team, ...singles]) child.disconnect();
  const told = (list) => {
    const sorted = [...list].sort((a, b) => a - b);
    return `median ${sorted[sorted.length >> 1].toFixed(1)}, best ${sorted.at(-1).toFixed(1)}`;
  };
  console.log(`${name}: a team of ${cores} ${told(speeds.team)}; ${cores} of one thread ${told(speeds.singles)} updates/s`);
}

if (process.argv[2] === "work") await work();
else {
  const [cores = availableParallelism(), rounds = 8, seconds = 2] = process.argv.slice(2).map(Number);
  for (const name of Object.keys(shapes)) await measure(name, cores, rounds, seconds);
}
