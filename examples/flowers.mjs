// Fits a classifier to a table, scores it on rows it has not seen, saves it, and predicts by what was saved: Fisher's irises (1936), in a
// second. In this repository: npm run build && node examples/flowers.mjs [TABLE.csv [LABEL [MODEL.safetensors]]]

import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, dense, feedForward, nesterov, readCsv, train } from "heavyball";
import { loadModelFile, saveModelFile } from "heavyball/node";

const flowers = fileURLToPath(new URL("flowers.csv", import.meta.url));
const [path = flowers, label = "species", model = join(tmpdir(), "flowers.safetensors")] = process.argv.slice(2);

/** fit, predict and score as scikit-learn has them, above heavyball. */
class Classifier {
  constructor(runtime, { hidden = [20], epochs = 200, batchSize, learningRate = 0.02, momentum = 0.9, seed = 1 } = {}) {
    Object.assign(this, { runtime, hidden, training: { epochs, batchSize, seed }, optimizer: nesterov({ learningRate, momentum }) });
  }

  async fit({ inputs, targets, cases, features, classes }) {
    const { runtime, hidden, optimizer } = this;
    const training = { ...this.training, batchSize: this.training.batchSize ?? Math.min(20, cases) };
    this.classes = classes;
    const activations = [...hidden.map(() => "tanh"), "softmax"];
    this.network = runtime.network(feedForward({ sizes: [features, ...hidden, classes.length], activations }));
    this.network.initialize(dense({ distribution: "glorot", seed: this.training.seed }));
    const { scaled, mean, deviation } = standardize(inputs, features);
    await train(this.network, runtime.optimizer(this.network, optimizer), { inputs: scaled, targets, cases }, training);
    this.takeRawInputs(mean, deviation);
    return this;
  }

  /** (x - mean) / deviation goes into the first layer, so that the network, and its file, take the numbers of the table. */
  takeRawInputs(mean, deviation) {
    const [weights, biases] = this.network.layout;
    const [inputs, units] = weights.shape;
    const theta = this.network.getParameters();
    for (let input = 0; input < inputs; input++) {
      for (let unit = 0; unit < units; unit++) {
        const at = weights.offset + input * units + unit;
        theta[at] /= deviation[input];
        theta[biases.offset + unit] -= theta[at] * mean[input];
      }
    }
    this.network.setParameters(theta);
  }

  /** The name of the class of each row. */
  predict({ inputs, cases }) {
    const outputs = this.network.predict({ inputs, cases });
    return Array.from({ length: cases }, (_, row) => {
      const shares = outputs.subarray(row * this.classes.length, (row + 1) * this.classes.length);
      return this.classes[shares.indexOf(Math.max(...shares))];
    });
  }

  /** Share of the rows whose class is right. */
  score(table) {
    return 1 - this.network.evaluate(table).zeroOne;
  }
}

const table = readCsv(await readFile(path), { label, file: path });
const learnt = rows(table, (row) => row % 5 !== 4);
const unseen = rows(table, (row) => row % 5 === 4);

const runtime = await createRuntime();
const classifier = await new Classifier(runtime).fit(learnt);
console.log(`${percent(classifier.score(learnt))} of the ${learnt.cases} rows it has learnt right`);
if (unseen.cases > 0) console.log(`${percent(classifier.score(unseen))} of ${unseen.cases} rows it has not seen right`);
else console.log(`${table.cases} rows are too few to keep any unseen: every fifth is`);

await saveModelFile(classifier.network, model);
const again = Object.assign(new Classifier(runtime), { classes: table.classes, network: await loadModelFile(runtime, model) });
const isSame = String(again.predict(table)) === String(classifier.predict(table));
console.log(`saved as ${model}; what was loaded again says ${isSame ? "the same" : "something else"} of all ${table.cases}`);
await runtime.dispose();

/** The rows of a table that are chosen. */
function rows({ inputs, targets, cases, features, classes }, isChosen) {
  const chosen = Array.from({ length: cases }, (_, row) => row).filter(isChosen);
  const gather = (values, width) => Float32Array.from(chosen.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
  return { inputs: gather(inputs, features), targets: gather(targets, classes.length), cases: chosen.length, features, classes };
}

/** Each column with the mean 0 and the deviation 1. */
function standardize(inputs, features) {
  const cases = inputs.length / features;
  const mean = new Float64Array(features);
  const square = new Float64Array(features);
  inputs.forEach((value, at) => (mean[at % features] += value / cases));
  inputs.forEach((value, at) => (square[at % features] += (value - mean[at % features]) ** 2 / cases));
  const deviation = square.map((variance) => Math.sqrt(variance) || 1);
  return { scaled: inputs.map((value, at) => (value - mean[at % features]) / deviation[at % features]), mean, deviation };
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
