// A service that learns in a thread of its own and answers meanwhile: which color of a checkerboard is a point? The answers are those of
// the newest parameters, and the port is never silent while an update runs.
// In this repository: npm run build && node examples/service.mjs [--ask]     (--ask: it asks itself, tells how it went, and stops)
//
//   curl -d '{ "points": [[0.1, 0.2], [0.3, 0.9]] }' http://127.0.0.1:PORT/     {"colors":["black","white"],"updates":2000}

import { once } from "node:events";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { createRuntime, InvalidOptionError } from "heavyball";
import { inWorker } from "heavyball/node";

const COLORS = ["black", "white"];
const spec = {
  task: { name: "data", hidden: [128, 128], activation: "relu", scaling: "none" },
  initialization: { method: "dense", scale: "he" },
  optimizer: { method: "nesterov", learningRate: 0.05, momentum: { schedule: "sutskever", max: 0.95, period: 100 } },
  updates: 2_000,
};

// One core is left to answer; the network that answers is the service's own, on one thread, so that an answer waits for no update.
const runtime = await createRuntime({ threads: 1 });
const stop = new AbortController();
let serving;
let training;
let updates = 0;
let ready;
const isReady = new Promise((resolve) => (ready = resolve));
const trained = inWorker().runTrial(spec, {
  data: { ...board(4_000), classes: COLORS },
  runtime: { threads: Math.max(1, availableParallelism() - 1) },
  signal: stop.signal,
  async onStart({ network }) {
    serving = runtime.network(network.description);
    training = network;
    await refresh(0);
    ready();
  },
  onReport: ({ update }) => refresh(update),
});

/** Takes over the parameters of the network that learns. */
async function refresh(update) {
  serving.setParameters(await training.getParameters());
  updates = update;
}

/** The points of a request. What it holds may be anything: each that is none is refused before any is answered. */
function pointsOf(request) {
  const points = request?.points;
  if (!Array.isArray(points) || points.length === 0) throw new InvalidOptionError("points", points, "a list of points, at least one");
  points.forEach((point, at) => {
    if (!Array.isArray(point) || point.length !== 2 || !point.every(isSingle))
      throw new InvalidOptionError(`points[${at}]`, point, "two numbers, such as [0.1, 0.2]");
  });
  return points;
}

/** Whether a value is a number that the network can take: finite, and so as a Float32. */
function isSingle(value) {
  return typeof value === "number" && Number.isFinite(Math.fround(value));
}

function answer(points) {
  const outputs = serving.predict({ inputs: Float32Array.from(points.flat()), cases: points.length });
  return { colors: points.map((_, at) => COLORS[outputs[2 * at] > outputs[2 * at + 1] ? 0 : 1]), updates };
}

const server = createServer(async (request, response) => {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const points = pointsOf(JSON.parse(Buffer.concat(chunks).toString()));
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer(points)));
  } catch (error) {
    // A wrong request: JSON's errors and heavyball's say what was wrong with it.
    response.writeHead(400, { "Content-Type": "text/plain" }).end(error.message);
  }
}).listen(0, "127.0.0.1");
await Promise.all([once(server, "listening"), isReady]);
const address = `http://127.0.0.1:${server.address().port}/`;
console.log(`learns, and answers at ${address}`);

if (process.argv.includes("--ask")) {
  await ask();
  server.close();
  await runtime.dispose();
} else {
  process.once("SIGINT", () => {
    stop.abort();
    server.close();
  });
  console.log((await trained).end.message);
}

/** Asks for the colors of points that the network has not seen until it has learnt, and tells what the answers and the updates took. */
async function ask() {
  const { inputs, targets, cases } = board(100, 1_000_000);
  const points = Array.from({ length: cases }, (_, at) => [inputs[2 * at], inputs[2 * at + 1]]);
  const milliseconds = [];
  let told = -1;
  let isOver = false;
  const over = trained.finally(() => (isOver = true));
  for (let isLast = false; !isLast; ) {
    isLast = isOver;
    const begun = performance.now();
    const said = await (await fetch(address, { method: "POST", body: JSON.stringify({ points }) })).json();
    milliseconds.push(performance.now() - begun);
    if (said.updates > told + spec.updates / 10 || isLast || told < 0) {
      told = said.updates;
      const right = said.colors.filter((color, at) => color === COLORS[targets[2 * at] === 1 ? 0 : 1]).length;
      console.log(`after ${said.updates} updates: ${((100 * right) / cases).toFixed(0)} % of the answers right`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const { update, seconds } = await over;
  milliseconds.sort((a, b) => a - b);
  const quantile = (share) => `${milliseconds[Math.floor(share * (milliseconds.length - 1))].toFixed(2)} ms`;
  console.log(`${update} updates, ${((1000 * seconds) / update).toFixed(2)} ms each`);
  console.log(`${milliseconds.length} answers meanwhile: half of them within ${quantile(0.5)}, 99 of 100 within ${quantile(0.99)}`);
}

/** Points of a board of 4 x 4 fields, spread evenly from -1 to 1, and what they are: one-hot, black first. */
function board(cases, first = 0) {
  const inputs = new Float32Array(2 * cases);
  const targets = new Float32Array(2 * cases);
  for (let at = 0; at < cases; at++) {
    const [x, y] = [0.7548776662466927, 0.5698402909980532].map((share) => ((first + at) * share) % 1);
    inputs.set([2 * x - 1, 2 * y - 1], 2 * at);
    targets[2 * at + ((Math.floor(4 * x) + Math.floor(4 * y)) % 2)] = 1;
  }
  return { inputs, targets, cases };
}
