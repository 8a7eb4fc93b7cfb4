import { join } from "node:path";
import { FormatError, HeavyballError, InvalidOptionError } from "../errors.js";
import type { LabeledDataSet } from "../tasks/dataSet.js";
import { mnist } from "../tasks/mnist/mnist.js";
import { readRegular } from "./regularFile.js";

/** The published names, without ".gz". */
const FILES = {
  train: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
  test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
} as const;

/**
 * Reads the four files of MNIST (or Fashion-MNIST, which has the same names) from a directory, as they are published or decompressed:
 * train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz. `mnist` says what comes
 * of them.
 *
 * @throws InvalidOptionError where one is missing, FormatError (its `file` is the path) for one that is damaged or does not go with the
 *   others, and the system's error (with its `code`) where one cannot be read
 */
export async function readMnist(directory: string): Promise<{ readonly train: LabeledDataSet; readonly test: LabeledDataSet }> {
  if (typeof directory !== "string" || directory === "" || directory.includes("\0"))
    throw new InvalidOptionError("directory", directory, "the path of a directory, as text");
  const [train, test] = [await readSet(directory, FILES.train), await readSet(directory, FILES.test)];
  if (test.set.features !== train.set.features) {
    const expected = `images of ${train.set.features} pixels, as many as in ${train.path}, found ones of ${test.set.features}`;
    throw new FormatError(test.path, 8, `${expected}; give files of one data set`);
  }
  return { train: train.set, test: test.set };
}

/** A set, and the path of its images. */
async function readSet(
  directory: string,
  [images, labels]: readonly [string, string],
): Promise<{ readonly path: string; readonly set: LabeledDataSet }> {
  const files = { images: await readEither(directory, images), labels: await readEither(directory, labels) };
  try {
    return { path: files.images.path, set: await mnist(files.images.bytes, files.labels.bytes) };
  } catch (error) {
    if (error instanceof FormatError && (error.file === "images" || error.file === "labels"))
      throw new FormatError(files[error.file].path, error.offset, error.expected);
    if (error instanceof HeavyballError) error.message = `${files.images.path}: ${error.message}`;
    throw error;
  }
}

/** The file of that name with ".gz", or without. */
async function readEither(directory: string, name: string): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  for (const path of [join(directory, `${name}.gz`), join(directory, name)]) {
    try {
      return { path, bytes: await readRegular(path) };
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== "ENOENT") throw error;
    }
  }
  throw new InvalidOptionError("directory", directory, `a directory that holds ${name}.gz or ${name}`);
}
