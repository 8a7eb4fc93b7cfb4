import { type DataSet, mnist } from "heavyball";
import { isGzip } from "#internal/formats/gunzip";
import { bytesOf } from "../parts/files.js";

/** Images to train and to test on, as the task `mnist` takes them. */
export interface Images {
  readonly train: DataSet;
  readonly test: DataSet;
}

const SIDE = 28;
const SIZE = SIDE * SIDE;

/** Fewer would not make a data set. */
const FEWEST = 20;

/** Share that is kept back to test on, where the files do not say. */
const TESTED = 0.1;

/**
 * Images from files: those of MNIST and its like (IDX, compressed or not), or pictures of any size, made 28 x 28 and gray. Throws an error
 * whose message is a sentence.
 */
export async function readImages(files: readonly File[]): Promise<Images> {
  const sets: DataSet[] = [];
  const pictures: File[] = [];
  for (const file of files) {
    if (file.type.startsWith("image/")) pictures.push(file);
    else if (!/label/i.test(file.name)) sets.push(await readSet(file));
  }
  if (pictures.length > 0) sets.push(await readPictures(pictures));
  if (sets.length === 0) throw new Error("Drop images: the files of MNIST that end in images-idx3-ubyte, or pictures.");
  const [train, test] = [...sets].sort((one, other) => other.cases - one.cases);
  if (train.cases < FEWEST) throw new Error(`There are ${train.cases} images here; ${FEWEST} or more make a data set.`);
  return test === undefined ? split(train) : { train, test };
}

async function readSet(file: File): Promise<DataSet> {
  const bytes = await bytesOf(file);
  const isIdx = isGzip(bytes) || (bytes[0] === 0 && bytes[1] === 0 && bytes[3] === 3);
  if (!isIdx) throw new Error(`${file.name} is neither a picture nor a file of MNIST's images (IDX).`);
  const set = await mnist(bytes);
  if (set.features !== SIZE)
    throw new Error(`The images of ${file.name} have ${set.features} pixels; the network here reads ${SIDE} x ${SIDE}.`);
  return set;
}

async function readPictures(files: readonly File[]): Promise<DataSet> {
  const inputs = new Float32Array(files.length * SIZE);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  for (const [at, file] of files.entries()) {
    const picture = await createImageBitmap(file, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: "high" }).catch(() => {
      throw new Error(`${file.name} is no picture that this browser can read.`);
    });
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    for (let pixel = 0; pixel < SIZE; pixel++) {
      const [red, green, blue] = data.subarray(4 * pixel, 4 * pixel + 3);
      inputs[at * SIZE + pixel] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
    }
  }
  return { inputs, cases: files.length, features: SIZE };
}

function split({ inputs, cases, features }: DataSet): Images {
  const tested = Math.max(1, Math.floor(cases * TESTED));
  const part = (from: number, to: number): DataSet => ({
    inputs: inputs.slice(from * features, to * features),
    cases: to - from,
    features,
  });
  return { train: part(0, cases - tested), test: part(cases - tested, cases) };
}
