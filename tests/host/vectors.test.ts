import { createRuntime, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { normals } from "../reference/matrices.js";
import { variants } from "../support/variants.js";

/** assembly/optimize/vectors.ts: sums run in blocks of this many floats. */
const BLOCK = 4096;
const LENGTHS = [4, 8, 100, BLOCK - 4, BLOCK, BLOCK + 4, 3 * BLOCK + 20];
const SMALLEST = 2 ** -63;

/** a'b as the kernel adds it up: two running sums over even and odd lanes, block by block. */
function blockedDot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let first = 0; first < a.length; first += BLOCK) {
    const sums = [0, 0];
    for (let i = first; i < Math.min(a.length, first + BLOCK); i += 4) {
      for (const lane of [0, 1]) sums[lane] += a[i + lane] * b[i + lane] + a[i + lane + 2] * b[i + lane + 2];
    }
    total += sums[0] + sums[1];
  }
  return total;
}

describe.each(variants)("vector kernels, %s", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  /** Address of a copy of `values`. */
  function put(values: ArrayLike<number>): number {
    const at = runtime.memory.allocate(values.length * 4, "test");
    runtime.memory.f32.set(values, at / 4);
    return at;
  }
  const read = (at: number, length: number): Float32Array => runtime.memory.f32.slice(at / 4, at / 4 + length);

  it.each(LENGTHS)("dot of %i adds f64 products in fixed blocks", (length) => {
    const [a, b] = [Float32Array.from(normals(length, 1)), Float32Array.from(normals(length, 2, 1e3))];
    expect(runtime.use().kernels.dot(put(a), put(b), length * 4)).toBe(blockedDot(a, b));
  });

  it("dot of vectors whose squares f32 cannot hold", () => {
    const at = put([1e30, 2e30, 1e-30, 3e30]);
    expect(runtime.use().kernels.dot(at, at, 16) / 1.4e61).toBeCloseTo(1, 6);
  });

  it.each(LENGTHS)("combine of %i is alpha x + beta y, and flushes", (length) => {
    const x = Float32Array.from(normals(length, 3));
    const y = Float32Array.from(normals(length, 4), (value, i) => (i % 5 === 0 ? x[i] * 3 : i % 7 === 0 ? 1e-25 : value));
    if (length > 7) x[7] = 1e-25;
    const [alpha, beta] = [Math.fround(-0.3), Math.fround(0.1)];
    const expected = x.map((value, i) => {
      const sum = Math.fround(Math.fround(alpha * value) + Math.fround(beta * y[i]));
      return Math.abs(sum) < SMALLEST ? 0 : sum;
    });
    const [atX, atY, out] = [put(x), put(y), put(new Float32Array(length))];
    runtime.use().kernels.combine(out, alpha, atX, beta, atY, length * 4);
    expect(read(out, length)).toEqual(expected);
    runtime.use().kernels.combine(atX, alpha, atX, beta, atY, length * 4);
    expect(read(atX, length)).toEqual(expected);
  });

  it.each([0, 0.25, 0.5, 0.75, 1, 0.3, 1 / 3, 0.999, 1e-9])("inversePower with exponent %f is (scale x + shift)^-exponent", (exponent) => {
    const x = Float32Array.from({ length: 400 }, (_, i) => 10 ** ((i % 40) - 12) * (1 + i / 400));
    const [scale, shift] = [Math.fround(0.01), Math.fround(1e-4)];
    const out = put(new Float32Array(400));
    runtime.use().kernels.inversePower(out, put(x), scale, shift, exponent, 1600);
    read(out, 400).forEach((value, i) => expect(Math.abs(value * (scale * x[i] + shift) ** exponent - 1)).toBeLessThan(4e-6));
  });

  it("inversePower is exact where powers of two make it so", () => {
    const out = put(new Float32Array(4));
    runtime.use().kernels.inversePower(out, put([16, 256, 1, 65536]), 1, 0, 0.75, 16);
    expect(read(out, 4)).toEqual(Float32Array.of(1 / 8, 1 / 64, 1, 1 / 4096));
  });

  it("inversePower of nothing at all is finite, and positive", () => {
    const out = put(new Float32Array(4));
    runtime.use().kernels.inversePower(out, put([0, 0, 1e-30, 0]), 1, 0, 1, 16);
    expect(read(out, 4)).toEqual(new Float32Array(4).fill(2 ** 63));
  });
});
