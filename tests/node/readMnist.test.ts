import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError, InvalidOptionError } from "heavyball";
import { readMnist } from "heavyball/node";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "heavyball-mnist-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const header = (...shape: number[]): number[] => [0, 0, 8, shape.length, ...shape.flatMap((side) => [0, 0, 0, side])];
const FILES: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte.gz": gzipSync(Uint8Array.from([...header(2, 1, 2), 0, 255, 51, 0])),
  "train-labels-idx1-ubyte.gz": gzipSync(Uint8Array.from([...header(2), 3, 7])),
  "t10k-images-idx3-ubyte": Uint8Array.from([...header(1, 1, 2), 102, 0]),
  "t10k-labels-idx1-ubyte": Uint8Array.from([...header(1), 5]),
};

describe("readMnist", () => {
  beforeEach(() => {
    for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(directory, name), bytes);
  });

  it("reads the four files, compressed or not", async () => {
    const { train, test } = await readMnist(directory);
    expect(train).toMatchObject({ inputs: Float32Array.of(0, 1, 0.2, 0), cases: 2, features: 2, labels: Uint8Array.of(3, 7) });
    expect(test).toMatchObject({ inputs: Float32Array.of(0.4, 0), cases: 1, features: 2, labels: Uint8Array.of(5) });
    expect(test.targets).toEqual(Float32Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0));
  });

  it("names the path of what is damaged", async () => {
    for (const [name, bytes] of Object.entries(FILES)) {
      writeFileSync(join(directory, name), bytes.subarray(0, -1));
      const error = await readMnist(directory).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).file).toBe(join(directory, name));
      expect((error as FormatError).message).toContain(name);
      writeFileSync(join(directory, name), bytes);
    }
  });

  it("refuses images of two sizes by the names of both files", async () => {
    writeFileSync(join(directory, "t10k-images-idx3-ubyte"), Uint8Array.from([...header(1, 1, 3), 102, 0, 1]));
    const [train, test] = ["train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"].map((name) => join(directory, name));
    await expect(readMnist(directory)).rejects.toThrow(
      `${test}: at byte 8, expected images of 2 pixels, as many as in ${train}, found ones of 3; give files of one data set`,
    );
  });

  it("says which file is missing", async () => {
    for (const name of Object.keys(FILES)) {
      rmSync(join(directory, name));
      const plain = name.replace(".gz", "");
      await expect(readMnist(directory)).rejects.toThrow(InvalidOptionError);
      await expect(readMnist(directory)).rejects.toThrow(`a directory that holds ${plain}.gz or ${plain}`);
      writeFileSync(join(directory, name), FILES[name]);
    }
    for (const wrong of [undefined, null, "", "a\0b", 5]) await expect(readMnist(wrong as never)).rejects.toThrow(InvalidOptionError);
  });
});

const data = process.env.HEAVYBALL_DATA;

describe.skipIf(data === undefined)("the published files (HEAVYBALL_DATA)", () => {
  it("hold 60,000 and 10,000 digits", async () => {
    const { train, test } = await readMnist(join(data!, "mnist"));
    expect([train.cases, train.features, test.cases, test.features]).toEqual([60_000, 784, 10_000, 784]);
    // The first labels, and how many there are of each digit, as LeCun's page and many others have them.
    expect(Array.from(train.labels.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(Array.from(test.labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    const counts = (labels: Uint8Array): number[] =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    expect(counts(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    // Mean and standard deviation of the training pixels: 0.1307 and 0.3081.
    let sum = 0;
    let squares = 0;
    for (const pixel of train.inputs) {
      sum += pixel;
      squares += pixel * pixel;
    }
    const mean = sum / train.inputs.length;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / train.inputs.length - mean * mean)).toBeCloseTo(0.3081, 4);
    for (const [i, label] of train.labels.entries()) if (train.targets[10 * i + label] !== 1) throw new Error(`target ${i}`);
    expect(train.targets.reduce((total, value) => total + value, 0)).toBe(60_000);
  });
});
