import {
  autoencoder,
  createRuntime,
  FormatError,
  feedForward,
  HeavyballError,
  InvalidOptionError,
  mnist,
  readIdx,
  ShapeError,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { gunzip } from "#internal/formats/gunzip";
import { RandomStream } from "#internal/random/stream";

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: ArrayLike<number>, kind = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, kind, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((side, i) => view.setUint32(4 + 4 * i, side));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const compressed = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** The error that a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<HeavyballError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HeavyballError);
  return error as HeavyballError;
}

const PIXELS = [0, 51, 255, 128, 1, 254, 0, 17, 34, 68, 102, 204];
const images = idx([3, 2, 2], PIXELS);
const labels = idx([3], [9, 0, 4]);
const WANTED = { inputs: Float32Array.from(PIXELS, (pixel) => pixel / 255), cases: 3, features: 4 };

describe("mnist", () => {
  it("makes a data set of images: each byte over 255", async () => {
    expect(await mnist(images)).toEqual(WANTED);
  });

  it("adds one-hot targets and the labels", async () => {
    const targets = new Float32Array(30);
    targets[9] = targets[10] = targets[24] = 1;
    expect(await mnist(images, labels)).toEqual({ ...WANTED, targets, labels: Uint8Array.of(9, 0, 4) });
  });

  it("takes compressed files and arrays that were read, each as it likes", async () => {
    const wanted = await mnist(images, labels);
    for (const given of [images, await gzip(images), readIdx(images)])
      for (const said of [labels, await gzip(labels), readIdx(labels)]) expect(await mnist(given, said)).toEqual(wanted);
  });

  it("has every level of gray to the nearest f32", async () => {
    const { inputs } = await mnist(
      idx(
        [1, 16, 16],
        Array.from({ length: 256 }, (_, i) => i),
      ),
    );
    expect(inputs).toEqual(Float32Array.from({ length: 256 }, (_, i) => Math.fround(i / 255)));
  });

  it("is a data set that classifiers and autoencoders take", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const classifier = runtime.network(feedForward({ sizes: [4, 10], activations: ["softmax"] }));
    // Every output is the same: all are taken for a 0, which one is.
    expect(classifier.evaluate(await mnist(images, labels)).zeroOne).toBe(2 / 3);
    const copier = runtime.network(autoencoder({ encoder: [4, 2] }));
    expect(copier.evaluate(await mnist(images)).loss).toBeGreaterThan(0);
    await runtime.dispose();
  });

  it.each([
    ["images that are none", () => mnist(labels), /^images: at byte 3, expected images: cases x rows x columns, found .*\[3\]/],
    ["no images", () => mnist(idx([0, 2, 2], [])), /^images: at byte 4, expected at least one image/],
    ["images of no pixels", () => mnist(idx([2, 0, 2], [])), /^images: at byte 4, expected at least one image/],
    ["other numbers", () => mnist(idx([2, 2], [1, 2, 3, 4], 9)), /^images: at byte 2, expected an IDX file of bytes/],
    ["labels that are images", () => mnist(images, images), /^labels: at byte 3, expected one label for each image/],
    ["too few labels", () => mnist(images, idx([2], [1, 2])), /^labels: at byte 4, expected 3, one for each image, found 2 labels/],
    [
      "a label of no digit",
      () => mnist(images, idx([3], [1, 10, 2])),
      /^labels: at byte 9, expected labels from 0 to 9, found the label 10/,
    ],
    ["bytes of something else", () => mnist(Uint8Array.of(1, 2, 3, 4)), /^images: at byte 0/],
  ])("refuses %s, at the byte of the file", async (_name, make, message) => {
    const error = await rejection(make());
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(message);
  });

  it("refuses arrays that do not fit, by name", async () => {
    const { shape, data } = readIdx(images);
    expect(await rejection(mnist({ shape: [12], data }))).toBeInstanceOf(ShapeError);
    expect(await rejection(mnist({ shape: [3, 2, 3], data }))).toBeInstanceOf(ShapeError);
    expect((await rejection(mnist({ shape, data }, { shape: [2], data: Uint8Array.of(1, 2) }))).message).toMatch(/^labels is 2 labels/);
    const refused: readonly [unknown, unknown, RegExp][] = [
      [undefined, undefined, /^images is undefined/],
      [null, undefined, /^images is null/],
      [[1, 2], undefined, /^images is \[1,2\]/],
      [images, null, /^labels is null/],
      [{ shape: "12", data }, undefined, /^images\.shape is/],
      [{ shape: [3, 4.5], data }, undefined, /^images\.shape\[1\] is 4\.5/],
      [{ shape, data: Float32Array.from(data) }, undefined, /^images\.data is Float32Array\(12\)/],
    ];
    for (const [given, said, message] of refused) {
      const error = await rejection(mnist(given as never, said as never));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toMatch(message);
    }
  });
});

describe("gunzip", () => {
  const noise = new RandomStream(1, "test/gunzip");
  const whole = Uint8Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? noise.integer(256) : 7));

  it("gives back what was compressed, from the middle of a buffer too", async () => {
    const compressed = await gzip(whole);
    expect(await gunzip(compressed, 3000)).toEqual(whole);
    const wide = new Uint8Array(compressed.length + 20);
    wide.set(compressed, 5);
    expect(await gunzip(wide.subarray(5, 5 + compressed.length), 3000)).toEqual(whole);
    expect(await gunzip(await gzip(new Uint8Array(0)), 0)).toEqual(new Uint8Array(0));
  });

  it("refuses a bomb before it goes off", async () => {
    const bomb = await gzip(new Uint8Array(20_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    const error = await rejection(gunzip(bomb, 1_000_000, "bomb.gz"));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/^bomb\.gz: at byte \d+, expected at most 1000000 bytes when decompressed, found 20000000/);
    // One that says less of itself than comes out.
    const liar = bomb.slice();
    new DataView(liar.buffer).setUint32(liar.length - 4, 1000, true);
    expect(await rejection(gunzip(liar, 1_000_000))).toBeInstanceOf(FormatError);
    // One that says more than so few bytes can become.
    const boast = (await gzip(whole)).slice();
    new DataView(boast.buffer).setUint32(boast.length - 4, 2 ** 31, true);
    expect((await rejection(gunzip(boast, 2 ** 32))).message).toMatch(/found 2147483648: cut short or damaged/);
  });

  it("refuses whatever is not whole, in a sentence", async () => {
    const compressed = await gzip(whole);
    for (let length = 0; length < compressed.length; length += length < 40 || length > compressed.length - 12 ? 1 : 61)
      expect(await rejection(gunzip(compressed.subarray(0, length), 2 ** 20)), `${length}`).toBeInstanceOf(FormatError);
    const small = await gzip(whole.subarray(0, 60));
    for (let bit = 0; bit < 8 * small.length; bit++) {
      const damaged = small.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const error = await gunzip(damaged, 2 ** 20, "x.gz").then(
        (bytes) => void expect(bytes.length).toBe(60),
        (reason: unknown) => reason,
      );
      if (error !== undefined) expect(error).toMatchObject({ code: "FORMAT", file: "x.gz" });
    }
    for (let at = 10; at < compressed.length; at += 37) {
      const damaged = compressed.slice();
      damaged[at] ^= 0x55;
      const error = await gunzip(damaged, 2 ** 20).then(
        // A change of nothing but what a decoder may ignore.
        (bytes) => expect(bytes).toEqual(whole),
        (reason: unknown) => reason,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(FormatError);
    }
  });
});
