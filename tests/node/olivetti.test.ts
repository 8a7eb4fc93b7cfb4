/** FACES from the photographs that are published: HEAVYBALL_DATA names the directory that holds faces/olivettifaces.mat. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type DataSet, faces } from "heavyball";
import { fetchData } from "heavyball/node";
import { describe, expect, it } from "vitest";
import { publishedData } from "#internal/node/fetchData";

const data = process.env.HEAVYBALL_DATA;
const N = 625;
const COMPONENTS = 30;

/** The mean of cases, and their second moments around the mean of others. */
function moments({ inputs, cases }: DataSet, around?: Float64Array, every = 1) {
  const mean = new Float64Array(N);
  const moment = new Float64Array(N * N);
  const count = Math.ceil(cases / every);
  for (let c = 0; c < cases; c += every) for (let i = 0; i < N; i++) mean[i] += inputs[c * N + i] / count;
  const center = around ?? mean;
  const row = new Float64Array(N);
  for (let c = 0; c < cases; c += every) {
    for (let i = 0; i < N; i++) row[i] = inputs[c * N + i] - center[i];
    for (let i = 0; i < N; i++) for (let j = i; j < N; j++) moment[i * N + j] += row[i] * row[j];
  }
  for (let i = 0; i < N; i++) for (let j = i; j < N; j++) moment[j * N + i] = moment[i * N + j] /= count;
  return { mean, moment };
}

const times = (matrix: Float64Array, v: Float64Array) =>
  v.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < N; j++) sum += matrix[i * N + j] * v[j];
    return sum;
  });
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The leading eigenvectors, by orthogonal iteration on a few more. */
function leading(matrix: Float64Array): Float64Array[] {
  let basis = Array.from({ length: COMPONENTS + 6 }, (_, k) =>
    Float64Array.from({ length: N }, (_, i) => ((i * (k + 2) * 7919) % 101) - 50),
  );
  for (let round = 0; round < 60; round++) {
    basis = basis.map((v) => times(matrix, v));
    basis.forEach((v, k) => {
      for (const other of basis.slice(0, k)) {
        const share = dot(v, other);
        v.forEach((_, i) => (v[i] -= share * other[i]));
      }
      const length = Math.sqrt(dot(v, v));
      v.forEach((_, i) => (v[i] /= length));
    });
  }
  return basis.slice(0, COMPONENTS);
}

describe.skipIf(data === undefined)("the Olivetti faces (HEAVYBALL_DATA)", () => {
  const file = () => join(data!, "faces", "olivettifaces.mat");

  it("make 103,500 + 41,400 patches, of which 30 principal components leave a squared test error of 142", async () => {
    const { train, test, mean, scale } = await faces(new Uint8Array(readFileSync(file())));
    expect([train.cases, test.cases]).toEqual([103_500, 41_400]);
    for (const { inputs } of [train, test])
      for (let at = 0; at < inputs.length; at += 997) {
        const level = mean[at % N] + scale * inputs[at];
        if (!(level > -1e-5 && level < 1.00001)) throw new Error(`the gray level ${level}`);
      }
    // A stride that meets every person: neighbors are of different ones.
    const trained = moments(train, undefined, 7);
    const tested = moments(test, trained.mean);
    let error = 0;
    for (let i = 0; i < N; i++) error += tested.moment[i * N + i];
    for (const v of leading(trained.moment)) error -= dot(v, times(tested.moment, v));
    expect(error).toBeGreaterThan(140);
    expect(error).toBeLessThan(144);
  });

  it("are known by their SHA-256, as are the files of MNIST", async () => {
    for (const [name, from] of [
      ["faces", file()],
      ["mnist", join(data!, "mnist")],
    ] as const) {
      const directory = join(from, name === "faces" ? ".." : "");
      const files = await fetchData(name, { from, out: directory }).catch((error: unknown) => error);
      // A directory that cannot be written tells as much: its files are looked at only where it can.
      if (files instanceof Error) expect(files).toMatchObject({ trouble: "unusable" });
      else
        for (const { isPublished, how } of files as { isPublished: boolean; how: string }[])
          expect([isPublished, how]).toEqual([true, "there already"]);
    }
  });

  it("are known decompressed too, those of MNIST", async () => {
    const from = mkdtempSync(join(tmpdir(), "heavyball-plain-"));
    try {
      for (const { name, plain } of publishedData.mnist!)
        writeFileSync(join(from, plain!), gunzipSync(readFileSync(join(data!, "mnist", name))));
      const files = await fetchData("mnist", { from, out: join(from, "out") });
      expect(files.map(({ isPublished, note }) => [isPublished, note])).toEqual(Array(4).fill([true, undefined]));
    } finally {
      rmSync(from, { recursive: true });
    }
  });
});
