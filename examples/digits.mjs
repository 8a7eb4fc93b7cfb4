// Learns to read handwritten digits from the four files of MNIST, to about 98.4 % of the test set, in less than half a minute on two cores.
// In this repository: npm run build && node examples/digits.mjs DIRECTORY

import { createRuntime, dense, feedForward, nesterov, schedules, train } from "heavyball";
import { readMnist } from "heavyball/node";

const [directory, seed = 1] = process.argv.slice(2);
const { train: digits, test } = await readMnist(directory);

const runtime = await createRuntime();
const network = runtime.network(feedForward({ sizes: [784, 500, 10], activations: ["relu", "softmax"] }));
network.initialize(dense({ scale: "he", seed: Number(seed) }));
const learningRate = schedules.piecewise({ values: [0.15, 0.05, 0.015], at: [5_000, 7_000] });
const optimizer = runtime.optimizer(network, nesterov({ learningRate, momentum: 0.9, weightDecay: 0.00003 }));

// 3,000 of the 60,000 training digits are held out; the parameters that do best on them are kept.
const onReport = ({ epoch, loss, held }) => console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, held out ${percent(held.zeroOne)} wrong`);
await train(network, optimizer, digits, { epochs: 15, held: 0.05, seed: Number(seed), onReport });
console.log(`${percent(1 - network.evaluate(test).zeroOne)} of ${test.cases} test digits right`);
runtime.dispose();

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
