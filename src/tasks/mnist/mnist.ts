import { allocate } from "../../boundary/allocate.js";
import { isArray, isRecord, isUint8Array } from "../../boundary/realm.js";
import { Breath } from "../../breath.js";
import { FormatError, InvalidOptionError, ShapeError } from "../../errors.js";
import { gunzip, isGzip } from "../../formats/gunzip.js";
import { type IdxArray, readIdx } from "../../formats/idx.js";
import { checkInteger, checkObject } from "../../validate.js";
import type { DataSet, LabeledDataSet } from "../dataSet.js";

/** Digits. */
const CLASSES = 10;

/** Bytes that a compressed file may become; MNIST's largest becomes 47 million. */
const MOST_BYTES = 2 ** 29;

/** Pixels that are scaled before the host may have its turn. */
const STRETCH = 2 ** 20;

/**
 * A data set of images in IDX files, in which MNIST is published, as are Fashion-MNIST and others: `inputs` cases x pixels, each byte over
 * 255; with labels, `targets` one-hot of 10 classes and `labels` the class of each case.
 *
 * Both arguments are the bytes of a file, compressed by gzip or not, or what `readIdx` made of one.
 *
 * @throws FormatError for bytes that are not such files, or would become more than 512 MiB; InvalidOptionError and ShapeError for arrays
 *   that are not of bytes, or do not fit together; OutOfMemoryError
 */
export function mnist(images: Uint8Array | IdxArray): Promise<DataSet>;
export function mnist(images: Uint8Array | IdxArray, labels: Uint8Array | IdxArray): Promise<LabeledDataSet>;
export async function mnist(images: Uint8Array | IdxArray, labels?: Uint8Array | IdxArray): Promise<DataSet | LabeledDataSet> {
  const pixels = await readBytes("images", images);
  const { shape, data } = pixels;
  if (shape.length < 2) throw pixels.fail(3, describeShape(shape), "images: cases x rows x columns");
  const [cases, ...sides] = shape;
  const features = sides.reduce((product, side) => product * side, 1);
  if (cases === 0 || features === 0) throw pixels.fail(4, describeShape(shape), "at least one image of at least one pixel");
  const classes = labels === undefined ? undefined : await readBytes("labels", labels);
  if (classes !== undefined) checkLabels(classes, cases);
  const inputs = await scaled(data);
  if (classes === undefined) return { inputs, cases, features };
  const targets = allocate(Float32Array, cases * CLASSES, "the targets");
  for (let i = 0; i < cases; i++) targets[i * CLASSES + classes.data[i]] = 1;
  return { inputs, targets, cases, features, labels: classes.data };
}

/** An array of bytes, and how what is wrong with it is said: at a byte of the file it came from, if it did. */
interface Bytes {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** `offset` is the byte in the file. */
  fail(offset: number, found: string, expected: string): Error;
}

async function readBytes(option: "images" | "labels", given: unknown): Promise<Bytes> {
  if (isUint8Array(given)) {
    const { shape, data } = readIdx(isGzip(given) ? await gunzip(given, MOST_BYTES, option) : given, option);
    const fail = (offset: number, found: string, expected: string): Error => new FormatError(option, offset, `${expected}, found ${found}`);
    if (!isUint8Array(data)) throw fail(2, "numbers of another kind", "an IDX file of bytes");
    return { shape, data, fail };
  }
  if (!isRecord(given)) throw new InvalidOptionError(option, given, "the bytes of an IDX file, or what readIdx made of them");
  const { shape, data } = checkObject(option, given) as unknown as IdxArray;
  if (!isArray(shape)) throw new InvalidOptionError(`${option}.shape`, shape, "an array of sizes");
  shape.forEach((side, axis) => checkInteger(`${option}.shape[${axis}]`, side, 0));
  if (!isUint8Array(data)) throw new InvalidOptionError(`${option}.data`, data, "a Uint8Array");
  const count = shape.reduce((product: number, side: number) => product * side, 1);
  if (data.length !== count) throw new ShapeError(`${option}.data.length`, data.length, `${count}, the product of the shape`);
  return { shape, data, fail: (_offset, found, expected) => new ShapeError(option, found, expected) };
}

/** One label of 0 to 9 for each image. */
function checkLabels({ shape, data, fail }: Bytes, cases: number): void {
  if (shape.length !== 1) throw fail(3, describeShape(shape), "one label for each image");
  if (shape[0] !== cases) throw fail(4, `${shape[0]} labels`, `${cases}, one for each image`);
  const bad = data.findIndex((label) => label >= CLASSES);
  if (bad >= 0) throw fail(8 + bad, `the label ${data[bad]}`, `labels from 0 to ${CLASSES - 1}`);
}

function describeShape(shape: readonly number[]): string {
  return `an array of the shape [${shape.join(", ")}]`;
}

/** Each byte over 255, rounded to f32. */
async function scaled(bytes: Uint8Array): Promise<Float32Array<ArrayBuffer>> {
  const levels = Float32Array.from({ length: 256 }, (_, level) => level / 255);
  const out = allocate(Float32Array, bytes.length, "the images");
  const breath = new Breath();
  for (let begin = 0; begin < bytes.length; begin += STRETCH) {
    const end = Math.min(bytes.length, begin + STRETCH);
    for (let i = begin; i < end; i++) out[i] = levels[bytes[i]];
    if (breath.isDue) await breath.take();
  }
  return out;
}
