import { isRecord } from "../../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../../errors.js";
import { checkBatch } from "../../networks/batch.js";
import { autoencoder } from "../../networks/describe.js";
import { checkFinite } from "../../networks/status.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../../validate.js";
import type { DataFiles } from "../dataFiles.js";
import type { DataSet } from "../dataSet.js";
import { imageOptions, imagesKind } from "../images/imagesKind.js";
import { type ImageMeasure, type PreparedImages, prepareImages } from "../images/imagesTask.js";
import { findPublished } from "../published.js";
import type { TaskKind } from "../task.js";
import { mnist } from "./mnist.js";
import { publishedMnist, publishedMnistDigest } from "./publishedMnist.js";

/** The MNIST task: the paper's autoencoder 784-1000-500-250-30 and its mirror on images of digits. */
export interface MnistTask {
  readonly name: "mnist";
  /** Training images, the first of those there are. Default 60,000. */
  readonly cases: number;
  /** Test images, likewise. Default 10,000. */
  readonly testCases: number;
}

/** Images to train and to test on, each cases x 784 with values from 0 to 1, as `mnist` reads them. */
export interface MnistData {
  readonly train: DataSet;
  readonly test: DataSet;
}

const encoder = [784, 1000, 500, 250, 30];
const network = encoder.join("-");

export const mnistKind: TaskKind<MnistTask, PreparedImages, MnistData, ImageMeasure> = {
  name: "mnist",
  title: "MNIST",
  ...imagesKind<MnistTask>("The MNIST autoencoder", network, {}),
  options: [
    imageOptions.period,
    { name: "cases", kind: "number", value: "N", help: "training cases", fallback: "60000", path: "task.cases" },
    {
      name: "test-cases",
      kind: "number",
      value: "N",
      help: "test cases",
      fallback: "10000",
      path: "task.testCases",
    },
    imageOptions.scale,
  ],
  check(given) {
    checkKnownOptions("task", given, ["name", "cases", "testCases"]);
    return {
      name: "mnist",
      cases: checkInteger("task.cases", orDefault(given.cases, 60_000), 1),
      testCases: checkInteger("task.testCases", orDefault(given.testCases, 10_000), 1),
    };
  },
  defaults: { learningRate: 0.01, updates: 2000, seed: 1 },
  prepare: ({ cases, testCases }, _seed, { train, test }) =>
    prepareImages(autoencoder({ encoder }), first("task.cases", train, cases), first("task.testCases", test, testCases), 28, 28),
  files: {
    wanted: "train-images-idx3-ubyte and t10k-images-idx3-ubyte (IDX files, compressed by gzip or not)",
    published: publishedMnist,
    publishedDigest: publishedMnistDigest,
    async read(files) {
      const [train, test] = await findPublished(files, publishedMnist);
      return { train: await readImages(files, train), test: await readImages(files, test) };
    },
    check: checkMnistData,
    checkEnough({ cases, testCases }, { train, test }) {
      first("task.cases", train, cases);
      first("task.testCases", test, testCases);
    },
    arrays: ({ train, test }) => [train.inputs, test.inputs],
  },
  describeNetwork: () => `MNIST autoencoder ${network} and its mirror image`,
  describe: ({ cases, testCases }, training) => `${formatCount(cases)} training and ${formatCountOf(testCases, "test image")}, ${training}`,
};

/** The first `cases` of a data set, as views. */
function first(option: string, data: DataSet, cases: number): DataSet {
  if (cases > data.cases) throw new InvalidOptionError(option, cases, `at most ${data.cases}, the images there are`);
  const { features } = data;
  return { inputs: data.inputs.subarray(0, cases * features), cases, features };
}

async function readImages(files: DataFiles, name: string): Promise<DataSet> {
  const bytes = await files.read(name);
  if (bytes === undefined) throw new InvalidOptionError("data", files.place, `where there is ${name}, which has just gone`);
  try {
    const images = await mnist(bytes);
    if (images.features !== encoder[0]) throw new FormatError(name, 8, `images of 28 x 28 pixels, found ones of ${images.features}`);
    return images;
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(files.path(name), error.offset, error.expected) : error;
  }
}

function checkMnistData(data: unknown): MnistData {
  const given = checkObject("data", data);
  checkKnownOptions("data", given, ["train", "test"]);
  for (const name of ["train", "test"] as const) {
    const set = given[name];
    if (!isRecord(set)) throw new InvalidOptionError(`data.${name}`, set, "a data set of images, as mnist(bytes) makes one");
    // Targets, as readMnist has them for classifiers, are not an autoencoder's.
    checkBatch(`data.${name}`, set as unknown as DataSet, encoder[0], encoder[0], "unused");
    const { inputs } = set as unknown as DataSet;
    checkFinite(`data.${name}.inputs`, inputs);
    const bad = inputs.findIndex((value) => value < 0 || value > 1);
    if (bad >= 0) throw new InvalidOptionError(`data.${name}.inputs[${bad}]`, inputs[bad], "from 0 to 1: pixels over 255");
  }
  const withFeatures = (set: DataSet): DataSet => ({ inputs: set.inputs, cases: set.cases, features: encoder[0] });
  const { train, test } = given as unknown as MnistData;
  return { train: withFeatures(train), test: withFeatures(test) };
}
