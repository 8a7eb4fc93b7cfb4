import { InvalidOptionError } from "../../errors.js";
import { autoencoder } from "../../networks/describe.js";
import { formatCount } from "../../report/text/format.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../../validate.js";
import type { DataFiles } from "../dataFiles.js";
import { imageOptions, imagesKind } from "../images/imagesKind.js";
import { type ImageMeasure, type PreparedImages, prepareImages } from "../images/imagesTask.js";
import { findPublished, namesThere } from "../published.js";
import type { TaskKind } from "../task.js";
import { checkPhotographs, type Photographs, photographsOf, VARIABLE } from "./faceImages.js";
import { inSlices, readFaces } from "./faces.js";
import { type Faces, type FacesCounts, MOST, makeFaces } from "./makeFaces.js";
import { PATCH } from "./patchPainter.js";
import { publishedFaces, publishedFacesDigest } from "./publishedFaces.js";

/** The FACES task: the paper's autoencoder 625-2000-1000-500-30 and its mirror, with linear outputs, on patches of photographs of faces. */
export interface FacesTask {
  readonly name: "faces";
  /** Training patches, the first of the 103,500 there are. Default: all. */
  readonly cases: number;
  /** Test patches, the first of the 41,400 there are. Default: all. */
  readonly testCases: number;
  /** Seed of the patches. Default: the trial's. */
  readonly seed?: number;
}

const encoder = [625, 2000, 1000, 500, 30];
const network = encoder.join("-");

export const facesKind: TaskKind<FacesTask, PreparedImages, Photographs, ImageMeasure> = {
  name: "faces",
  title: "FACES",
  ...imagesKind<FacesTask>("The FACES autoencoder", network, {}),
  options: [
    imageOptions.period,
    {
      name: "cases",
      kind: "number",
      value: "N",
      help: "training cases",
      fallback: "103500",
      path: "task.cases",
    },
    {
      name: "test-cases",
      kind: "number",
      value: "N",
      help: "test cases",
      fallback: "41400",
      path: "task.testCases",
    },
    imageOptions.scale,
  ],
  check(given) {
    checkKnownOptions("task", given, ["name", "cases", "testCases", "seed"]);
    const cases = checkInteger("task.cases", orDefault(given.cases, MOST.train), 1, MOST.train);
    const testCases = checkInteger("task.testCases", orDefault(given.testCases, MOST.test), 1, MOST.test);
    const seed = given.seed === undefined ? {} : { seed: checkInteger("task.seed", given.seed, 0) };
    return { name: "faces", cases, testCases, ...seed };
  },
  defaults: { learningRate: 0.001, updates: 1000, seed: 1 },
  prepare(task, root, data) {
    const work = makeFaces(photographsOf(data.faces), countsOf(task, root));
    for (;;) {
      const next = work.next();
      if (next.done) return prepared(next.value);
    }
  },
  prepareInSlices: async (task, root, data) => prepared(await inSlices(photographsOf(data.faces), countsOf(task, root))),
  files: {
    wanted: `${publishedFaces.name}, the Olivetti faces (a MATLAB file)`,
    published: [publishedFaces],
    publishedDigest: publishedFacesDigest,
    read: async (files) => {
      const name = await findFile(files);
      const bytes = await files.read(name);
      if (bytes === undefined) throw new InvalidOptionError("data", files.place, `where there is ${name}, which has just gone`);
      return readFaces(bytes, files.path(name));
    },
    check(data) {
      const given = checkObject("data", data);
      checkKnownOptions("data", given, [VARIABLE]);
      return { faces: checkPhotographs(`data.${VARIABLE}`, given[VARIABLE]) };
    },
    arrays: ({ faces }) => [faces.data],
  },
  describeNetwork: () => `FACES autoencoder ${network} and its mirror image, with linear outputs`,
  describe: ({ cases, testCases }, training) => `${formatCount(cases)} training and ${formatCount(testCases)} test patches, ${training}`,
};

function countsOf({ cases, testCases, seed }: FacesTask, root: number): FacesCounts {
  return { cases, testCases, seed: seed ?? root };
}

function prepared({ train, test, mean, scale }: Faces): PreparedImages {
  const grayLevels = (values: Float32Array): Float32Array => values.map((value, at) => mean[at % mean.length] + scale * value);
  return prepareImages(autoencoder({ encoder, output: "linear" }), train, test, PATCH, PATCH, grayLevels);
}

/** The file as it is published, or else the only MATLAB file that there is. */
async function findFile(files: DataFiles): Promise<string> {
  const names = await namesThere(files);
  const others = names.filter((name) => /\.mat$/i.test(name));
  if (!names.includes(publishedFaces.name) && others.length === 1) return others[0];
  return (await findPublished(files, [publishedFaces]))[0];
}
