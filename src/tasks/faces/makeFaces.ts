import { allocate } from "../../boundary/allocate.js";
import { RandomStream } from "../../random/stream.js";
import type { DataSet } from "../dataSet.js";
import { PHOTOGRAPHS } from "./faceImages.js";
import { PATCH_PIXELS, type PatchSums, paintPatch } from "./patchPainter.js";

/** Patches of each photograph. */
const PER_PHOTOGRAPH = 414;

/** Whose photographs are in which set, and the streams that its patches are drawn from. */
const SETS = {
  train: { stream: "faces", first: 0, people: 25 },
  validation: { stream: "faces/validation", first: 25, people: 5 },
  test: { stream: "faces/test", first: 30, people: 10 },
} as const;

/** Patches of each set: 103,500 to train on and 41,400 to test on. */
export const MOST = {
  train: SETS.train.people * PHOTOGRAPHS * PER_PHOTOGRAPH,
  test: SETS.test.people * PHOTOGRAPHS * PER_PHOTOGRAPH,
} as const;

/** All sets together: what is normalized. */
const WHOLE = 165_600;

/** Patches that are painted, and 25 times as many that are normalized, before the host may have its turn: some milliseconds. */
const STRETCH = 400;

/** The FACES patches: what `faces` makes. */
export interface Faces {
  /** Patches of the first 25 people: cases x 625. */
  readonly train: DataSet;
  /** Patches of the last 10 people. */
  readonly test: DataSet;
  /** Of each pixel the mean gray level over the whole set, from 0 (black) to 1. */
  readonly mean: Float32Array;
  /** Gray levels in a unit: pixel p of a case had the gray level mean[p] + scale x its value. */
  readonly scale: number;
}

/** How many patches of each set, and the root of their streams. */
export interface FacesCounts {
  readonly cases: number;
  readonly testCases: number;
  readonly seed: number;
}

/**
 * Makes patches of photographs (400, each 64 x 64, gray levels from 0 to 255) in stretches of some milliseconds, after each of which it can
 * be left for a while.
 *
 * Whatever number of them is kept, the whole set of 165,600 is painted, in the order training, validation, test: its mean and variance are
 * what all are normalized by. Patch i of a set is drawn from substream i of the set's stream, from photograph floor(i / people) mod 10 of
 * person i mod people. Throws OutOfMemoryError.
 */
export function* makeFaces(photographs: Float32Array, { cases, testCases, seed }: FacesCounts): Generator<void, Faces, void> {
  const kept = {
    train: allocate(Float32Array, cases * PATCH_PIXELS, "the training patches"),
    validation: new Float32Array(0),
    test: allocate(Float32Array, testCases * PATCH_PIXELS, "the test patches"),
  };
  const sums: PatchSums = { levels: new Float64Array(PATCH_PIXELS), squares: 0 };
  const scratch = new Float32Array(PATCH_PIXELS);
  for (const name of ["train", "validation", "test"] as const) {
    const { stream: streamName, first, people } = SETS[name];
    const stream = new RandomStream(seed, streamName);
    const out = kept[name];
    for (let i = 0; i < people * PHOTOGRAPHS * PER_PHOTOGRAPH; i++) {
      stream.seek(i);
      const photograph = (first + (i % people)) * PHOTOGRAPHS + (Math.floor(i / people) % PHOTOGRAPHS);
      const at = i * PATCH_PIXELS;
      if (at < out.length) paintPatch(stream, photographs, photograph, out, at, sums);
      else paintPatch(stream, photographs, photograph, scratch, 0, sums);
      if ((i + 1) % STRETCH === 0) yield;
    }
  }
  const means = sums.levels.map((sum) => sum / WHOLE);
  const variance = sums.squares / WHOLE - means.reduce((total, mean) => total + mean * mean, 0);
  const deviation = Math.sqrt(variance / PATCH_PIXELS);
  for (const values of [kept.train, kept.test]) yield* normalize(values, means, deviation);
  return {
    train: { inputs: kept.train, cases, features: PATCH_PIXELS },
    test: { inputs: kept.test, cases: testCases, features: PATCH_PIXELS },
    mean: Float32Array.from(means, (mean) => mean / 255),
    scale: deviation / 255,
  };
}

/** Each pixel minus its mean, all over one number. */
function* normalize(values: Float32Array, means: Float64Array, deviation: number): Generator<void, void, void> {
  for (let begin = 0; begin < values.length; begin += 25 * STRETCH * PATCH_PIXELS) {
    const end = Math.min(values.length, begin + 25 * STRETCH * PATCH_PIXELS);
    for (let at = begin; at < end; at += PATCH_PIXELS)
      for (let pixel = 0; pixel < PATCH_PIXELS; pixel++) values[at + pixel] = (values[at + pixel] - means[pixel]) / deviation;
    yield;
  }
}
