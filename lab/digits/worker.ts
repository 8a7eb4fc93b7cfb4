import { createRuntime, dense, type FeedForwardNetwork, feedForward, type LabeledDataSet, nesterov, schedules, train } from "heavyball";
import helperAddress from "heavyball/worker?worker&url";
import type { Asked, Chosen, Told } from "./messages.js";
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
/** The rate is lowered to these shares of it, after these shares of the updates. */
const SHARES = [1, 0.3, 0.1];
const LOWERED = [0.55, 0.8];

const runtime = createRuntime({ worker: helperAddress });
let network: FeedForwardNetwork | undefined;
let controller: AbortController | undefined;
let waiting: Float32Array | undefined;

interface Lesson extends Chosen {
  readonly digits: LabeledDataSet;
  readonly test?: LabeledDataSet;
  readonly epochs: number;
  readonly hidden: number;
}

async function learn({ digits, test, epochs, hidden, learningRate, momentum }: Lesson): Promise<void> {
  const own = await runtime;
  network?.dispose();
  network = own.network(feedForward({ sizes: [SIZE, hidden, 10], activations: ["relu", "softmax"] }));
  network.initialize(dense({ scale: "he", seed: 1 }));
  const updates = Math.floor((epochs * 0.95 * digits.cases) / BATCH);
  const falling = { values: SHARES.map((share) => share * learningRate), at: LOWERED.map((share) => Math.ceil(updates * share)) };
  const rate = schedules.piecewise(falling);
  const optimizer = own.optimizer(network, nesterov({ learningRate: rate, momentum, weightDecay: 0.00003 }));
  scope.postMessage({ kind: "begun", cases: digits.cases, samples: digits.inputs.slice(0, SHOWN * SIZE), threads: own.threads });
  controller = new AbortController();
  const { reason } = await train(network, optimizer, digits, {
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
  if (reason.code === "diverged") throw new Error(`It ${reason.message}.`);
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
    const { digits, test, learningRate, momentum } = data;
    const own =
      digits === undefined
        ? { digits: writtenDigits(WRITTEN, randomOf(1)), epochs: 8, hidden: 200 }
        : { digits, test, epochs: 6, hidden: 500 };
    learn({ ...own, learningRate, momentum }).catch((error: unknown) =>
      scope.postMessage({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  }
};
