import { isUint8Array } from "../../boundary/realm.js";
import { Breath, hostTurn } from "../../breath.js";
import { FormatError, InvalidOptionError } from "../../errors.js";
import { type MatArray, readMat } from "../../formats/mat.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../../validate.js";
import { checkPhotographs, type Photographs, photographsOf, VARIABLE } from "./faceImages.js";
import { type Faces, type FacesCounts, MOST, makeFaces } from "./makeFaces.js";

export type { Faces };

/** Bytes of what is decompressed, and of arrays: 400 photographs as f64, in both orders of the array, take 26 million. */
const MOST_BYTES = 2 ** 26;

/** Where the variables of a MATLAB file begin. */
const FIRST_VARIABLE = 128;

/** Options of `faces`. */
export interface FacesOptions {
  /** Training patches, the first of the 103,500 there are. Default: all. */
  cases?: number;
  /** Test patches, the first of the 41,400 there are. Default: all. */
  testCases?: number;
  /** Root of the random streams. Default 1. */
  seed?: number;
}

/**
 * FACES: 25 x 25 patches of the 400 Olivetti faces, turned by -90 to 90 degrees, shrunk by 1.4 to 1.8 and cut out at random; made after the
 * description of the data set of Hinton and Salakhutdinov (2006) and Martens (2010), which is not distributed. Errors on it are close to,
 * not identical with, errors on the original.
 *
 * The first 25 people are trained on, the last 10 tested on: `{ train, test, mean, scale }`. Each pixel has the mean 0, and all pixels
 * together the variance 1, over the whole set of 165,600 patches (414 of each photograph, those of 5 people between the two sets
 * included): answering 0 costs a squared error of 625 there. Gray levels from 0 to 1 are `mean[pixel] + scale * value`. Patch i of a set is
 * the same however many there are, and neighbors are of different people.
 *
 * The argument is the bytes of olivettifaces.mat, or what `readMat` made of them: its variable `faces`. Everything takes two or three
 * seconds, in slices between which the host has its turn, and 362 MB.
 *
 * @throws FormatError for bytes that are no such file; InvalidOptionError and ShapeError for options and arrays that are not what they
 *   should be; OutOfMemoryError; UnsupportedError where the engine cannot decompress
 */
export async function faces(images: Uint8Array | MatArray, options: FacesOptions = {}): Promise<Faces> {
  const counts = checkFacesOptions(options);
  const array = isUint8Array(images) ? (await readFaces(images, "images"))[VARIABLE] : checkPhotographs("images", images);
  await hostTurn();
  return inSlices(photographsOf(array), counts);
}

/** The photographs in a file. Throws FormatError, OutOfMemoryError, UnsupportedError. */
export async function readFaces(bytes: Uint8Array, file: string): Promise<Photographs> {
  const found = await readMat(bytes, { variables: [VARIABLE], mostBytes: MOST_BYTES, file });
  try {
    return { [VARIABLE]: checkPhotographs(VARIABLE, found[VARIABLE]) };
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new FormatError(
      file,
      FIRST_VARIABLE,
      `400 photographs of 64 x 64 in the variable ${VARIABLE}, found other numbers: ${error.message}`,
    );
  }
}

/** Makes them while the host lives. */
export async function inSlices(photographs: Float32Array, counts: FacesCounts): Promise<Faces> {
  const work = makeFaces(photographs, counts);
  const breath = new Breath();
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    if (breath.isDue) await breath.take();
  }
}

function checkFacesOptions(options: FacesOptions): FacesCounts {
  checkKnownOptions("faces", checkObject("faces", options), ["cases", "testCases", "seed"]);
  return {
    cases: checkInteger("cases", orDefault(options.cases, MOST.train), 1, MOST.train),
    testCases: checkInteger("testCases", orDefault(options.testCases, MOST.test), 1, MOST.test),
    seed: checkInteger("seed", orDefault(options.seed, 1), 0),
  };
}
