import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError, ShapeError } from "#internal/errors";
import { spectralRadius } from "#internal/math/spectralRadius";
import { RandomStream } from "#internal/random/stream";

const radius = (rows: number[][]): number => spectralRadius(Float64Array.from(rows.flat()), rows.length);
const relative = (seen: number, expected: number): number => Math.abs(seen / expected - 1);

function gaussian(n: number, stream: RandomStream): Float64Array {
  return new Float64Array(n * n).map(() => stream.normal());
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) out[i * n + j] += a[i * n + k] * b[k * n + j];
  return out;
}

/** Gauss-Jordan with row exchanges. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    for (const m of [a, out]) for (let j = 0; j < n; j++) [m[k * n + j], m[pivot * n + j]] = [m[pivot * n + j], m[k * n + j]];
    const scale = 1 / a[k * n + k];
    for (const m of [a, out]) for (let j = 0; j < n; j++) m[k * n + j] *= scale;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k];
      for (const m of [a, out]) for (let j = 0; j < n; j++) m[i * n + j] -= factor * m[k * n + j];
    }
  }
  return out;
}

/** S B S^-1 with a random S: the spectrum of B in a full matrix. */
function disguise(blocks: Float64Array, n: number, stream: RandomStream): Float64Array {
  const s = gaussian(n, stream);
  for (let i = 0; i < n; i++) s[i * n + i] += 2 * Math.sqrt(n);
  return product(product(s, blocks, n), inverse(s, n), n);
}

/** Places [[re, im], [-im, re]] at row i. */
function putPair(matrix: Float64Array, n: number, i: number, re: number, im: number): void {
  matrix[i * n + i] = matrix[(i + 1) * n + i + 1] = re;
  matrix[i * n + i + 1] = im;
  matrix[(i + 1) * n + i] = -im;
}

describe("spectralRadius", () => {
  it("knows small matrices", () => {
    expect(radius([[-3]])).toBe(3);
    expect(radius([[0]])).toBe(0);
    expect(
      radius([
        [0, 1],
        [0, 0],
      ]),
    ).toBe(0);
    // All of it is small once balanced, and none of it stands on the diagonal.
    for (const power of [-20, -34, -40, -300])
      expect(
        relative(
          radius([
            [0, 1],
            [10 ** power, 0],
          ]),
          10 ** (power / 2),
        ),
      ).toBeLessThan(1e-12);
    expect(
      relative(
        radius([
          [0, 1, 0],
          [0, 0, 1],
          [1e-30, 0, 0],
        ]),
        1e-10,
      ),
    ).toBeLessThan(1e-12);
    expect(
      radius([
        [2, 1],
        [1, 2],
      ]),
    ).toBeCloseTo(3, 14);
    expect(
      radius([
        [1, 2],
        [3, 4],
      ]),
    ).toBeCloseTo((5 + Math.sqrt(33)) / 2, 14);
    expect(
      radius([
        [0, -4],
        [1, 0],
      ]),
    ).toBeCloseTo(2, 14);
    expect(
      radius([
        [1, 5, 7],
        [0, -9, 8],
        [0, 0, 4],
      ]),
    ).toBe(9);
  });

  it("sees rotations, scaled, of every angle", () => {
    for (let k = 0; k < 50; k++) {
      const angle = (k * Math.PI) / 25;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      expect(
        relative(
          radius([
            [1.7 * c, -1.7 * s],
            [1.7 * s, 1.7 * c],
          ]),
          1.7,
        ),
      ).toBeLessThan(1e-14);
      expect(
        relative(
          radius([
            [0.3, 0, 0],
            [0, 1.7 * c, -1.7 * s],
            [0, 1.7 * s, 1.7 * c],
          ]),
          1.7,
        ),
      ).toBeLessThan(1e-14);
    }
  });

  it("gets past cyclic permutations, on which plain QR steps stand still", () => {
    for (const n of [3, 4, 5, 8, 17, 50]) {
      const cycle = new Float64Array(n * n);
      for (let i = 0; i < n; i++) cycle[i * n + ((i + 1) % n)] = 2.5;
      expect(relative(spectralRadius(cycle, n), 2.5)).toBeLessThan(1e-12);
    }
  });

  it("finds the largest root of a polynomial from its companion matrix", () => {
    // Coefficients of (z^2 - 2 r cos(a) z + r^2) (z - 1) (z + 0.5), whose largest roots are r e^(+-ia).
    for (const [r, angle] of [
      [1.5, 0.3],
      [2, 1.5],
      [1.01, 3],
      [40, 2],
    ]) {
      const multiply = (p: number[], q: number[]): number[] => {
        const out = new Array<number>(p.length + q.length - 1).fill(0);
        p.forEach((a, i) => q.forEach((b, j) => (out[i + j] += a * b)));
        return out;
      };
      const p = multiply(multiply([r * r, -2 * r * Math.cos(angle), 1], [-1, 1]), [0.5, 1]);
      const n = p.length - 1;
      const companion = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        if (i > 0) companion[i * n + i - 1] = 1;
        companion[i * n + n - 1] = -p[i];
      }
      expect(relative(spectralRadius(companion, n), r)).toBeLessThan(1e-10);
    }
  });

  it("recovers a known spectrum in disguise, complex dominant pairs included", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.nat(1_000_000), fc.boolean(), (n, seed, complex) => {
        const stream = new RandomStream(seed, "spectrum");
        const blocks = new Float64Array(n * n);
        let expected = 0;
        for (let i = 0; i < n; ) {
          const modulus = stream.uniform();
          if (i + 1 < n && stream.uniform() < 0.5) {
            const u = 2 * stream.uniform() - 1;
            putPair(blocks, n, i, modulus * u, modulus * Math.sqrt(1 - u * u));
            i += 2;
          } else blocks[(n + 1) * i++] = stream.uniform() < 0.5 ? modulus : -modulus;
          expected = Math.max(expected, modulus);
        }
        if (complex) {
          putPair(blocks, n, 0, 1.3 * 0.6, 1.3 * 0.8);
          // What shared a 2 x 2 block with the overwritten rows becomes a real eigenvalue below 1 or stays triangular.
          for (let j = 2; j < n; j++) blocks[n + j] = blocks[j * n + 1] = 0;
          expected = 1.3;
        }
        expect(relative(spectralRadius(disguise(blocks, n, stream), n), expected)).toBeLessThan(1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it("finds defective eigenvalues as closely as their condition allows", () => {
    const jordan = (n: number, size: number, value: number): Float64Array => {
      const out = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        out[i * n + i] = i < size ? value : 0.5;
        if (i + 1 < size) out[i * n + i + 1] = 1;
      }
      return out;
    };
    // Triangular, it is exact at any size.
    expect(spectralRadius(jordan(20, 20, 1.25), 20)).toBe(1.25);
    const stream = new RandomStream(4, "jordan");
    // Disguised, rounding moves a double eigenvalue by about the square root of 1e-16.
    expect(relative(spectralRadius(disguise(jordan(10, 2, 1.25), 10, stream), 10), 1.25)).toBeLessThan(1e-6);
    expect(relative(spectralRadius(disguise(jordan(10, 3, 1.25), 10, stream), 10), 1.25)).toBeLessThan(1e-4);
  });

  it("is homogeneous, the same for the transpose, and squares with the matrix", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(1_000_000), (n, seed) => {
        const a = gaussian(n, new RandomStream(seed, "matrix"));
        const r = spectralRadius(a, n);
        const before = a.slice();
        expect(
          relative(
            spectralRadius(
              a.map((x) => -8 * x),
              n,
            ),
            8 * r,
          ),
        ).toBeLessThan(1e-12);
        expect(
          relative(
            spectralRadius(
              a.map((_, i) => a[(i % n) * n + Math.floor(i / n)]),
              n,
            ),
            r,
          ),
        ).toBeLessThan(1e-10);
        expect(relative(spectralRadius(product(a, a, n), n), r * r)).toBeLessThan(1e-9);
        expect(a).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it("works on badly scaled, very large, very small and sparse matrices", () => {
    expect(
      relative(
        radius([
          [1e150, 2e200],
          [1e80, -1e140],
        ]),
        1e150,
      ),
    ).toBeLessThan(1e-10);
    expect(
      relative(
        radius([
          [3e300, 1e300],
          [1e300, 3e300],
        ]),
        4e300,
      ),
    ).toBeLessThan(1e-14);
    expect(
      relative(
        radius([
          [3e-300, 1e-300],
          [1e-300, 3e-300],
        ]),
        4e-300,
      ),
    ).toBeLessThan(1e-14);
    // Eigenvalues +-1, hidden behind entries of very different sizes.
    expect(
      relative(
        radius([
          [0, 1e12, 0],
          [1e-12, 0, 1e6],
          [0, 0, 0.5],
        ]),
        1,
      ),
    ).toBeLessThan(1e-12);
    expect(spectralRadius(new Float64Array(100), 10)).toBe(0);
    const upper = new Float64Array(900).map((_, i) => (i % 30 > Math.floor(i / 30) ? 1 : 0));
    expect(spectralRadius(upper, 30)).toBe(0);
  });

  it("accepts f32", () => {
    expect(spectralRadius(Float32Array.of(0, -4, 1, 0), 2)).toBeCloseTo(2, 14);
  });

  it("refuses what is not a finite square matrix", () => {
    expect(() => spectralRadius(new Float64Array(5), 2)).toThrow(ShapeError);
    expect(() => spectralRadius(new Float64Array(0), 0)).toThrow(InvalidOptionError);
    expect(() => spectralRadius(Float64Array.of(1, NaN, 0, 1), 2)).toThrow(InvalidOptionError);
    expect(() => spectralRadius(Float64Array.of(1, 0, 0, Infinity), 2)).toThrow(InvalidOptionError);
  });
});
