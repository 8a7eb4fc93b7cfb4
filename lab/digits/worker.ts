import { createRuntime, dense, type FeedForwardNetwork, feedForward, type LabeledDataSet, nesterov, schedules, train } from "heavyball";
import helperAddress from "heavyball/worker?worker&url";
import type { Asked, Told } from "./messages.js";
import { SIZE } from "./render.js";
import { writtenDigits } from "./written.js";

/** Trains the classifier of the README and answers meanwhile: `train` lets messages in every some tens of milliseconds. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Asked>) => void;
  postMessage(told: Told): void;
};

/** Written digits are easier than people's: fewer of them and a smaller network do. */
const WRITTEN = 8000;
const SHOWN = 20;
/** Cases of a minibatch, and reports of a training. */
const BATCH = 100;
const REPORTS = 60;

const runtime = createRuntime({ worker: helperAddress });
let network: FeedForwardNetwork | undefined;
let controller: AbortController | undefined;
let waiting: Float32Array | undefined;

async function learn(digits: LabeledDataSet, test: LabeledDataSet | undefined, epochs: number, hidden: number): Promise<void> {
  const own = await runtime;
  network?.dispose();
  network = own.network(feedForward({ sizes: [SIZE, hidden, 10], activations: ["relu", "softmax"] }));
  network.initialize(dense({ scale: "he", seed: 1 }));
  const updates = Math.floor((epochs * 0.95 * digits.cases) / BATCH);
  const learningRate = schedules.piecewise({ values: [0.1, 0.03, 0.01], at: [Math.ceil(updates * 0.55), Math.ceil(updates * 0.8)] });
  const optimizer = own.optimizer(network, nesterov({ learningRate, momentum: 0.9, weightDecay: 0.00003 }));
  scope.postMessage({ kind: "begun", cases: digits.cases, samples: digits.inputs.slice(0, SHOWN * SIZE), threads: own.threads });
  controller = new AbortController();
  await train(network, optimizer, digits, {
    updates,
    batchSize: BATCH,
    held: 0.05,
    every: Math.ceil(updates / REPORTS),
    signal: controller.signal,
    onReport({ update, loss, held }) {
      scope.postMessage({ kind: "report", update, loss, wrong: held?.zeroOne ?? Number.NaN });
      if (waiting !== undefined) read(waiting);
    },
  });
  const judged = test ?? writtenDigits(1000, randomOf(2));
  const what = test === undefined ? "1,000 other written digits" : `${test.cases.toLocaleString("en")} test digits`;
  scope.postMessage({ kind: "ended", wrong: network.evaluate(judged).zeroOne ?? Number.NaN, what });
}

function read(picture: Float32Array): void {
  waiting = picture;
  if (network !== undefined) scope.postMessage({ kind: "answer", shares: network.predict({ inputs: picture, cases: 1 }) });
}

/** Numbers from 0 to 1 (Lehmer, 1951): the same digits in every training. */
function randomOf(seed: number): () => number {
  let state = seed * 16807;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

scope.onmessage = ({ data }) => {
  if (data.kind === "stop") controller?.abort();
  else if (data.kind === "read") read(data.picture);
  else {
    const [digits, epochs, hidden] =
      data.digits === undefined ? ([writtenDigits(WRITTEN, randomOf(1)), 8, 200] as const) : ([data.digits, 6, 500] as const);
    learn(digits, data.test, epochs, hidden).catch((error: unknown) =>
      scope.postMessage({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  }
};
