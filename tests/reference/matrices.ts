import { RandomStream } from "#internal/random/stream";

/** n numbers from N(0, scale^2), the same at every run. */
export function normals(n: number, seed: number, scale = 1): Float64Array {
  const stream = new RandomStream(seed, "test");
  return Float64Array.from({ length: n }, () => scale * stream.normal());
}

/** A random orthonormal n x n matrix, as rows: Gram-Schmidt twice over, so that U U' = I to rounding. */
export function orthonormal(n: number, seed: number): Float64Array[] {
  const rows = Array.from({ length: n }, (_, i) => normals(n, seed + 1000 * i));
  for (const [i, row] of rows.entries()) {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows.slice(0, i)) {
        const overlap = inner(row, other);
        for (let j = 0; j < n; j++) row[j] -= overlap * other[j];
      }
      const norm = Math.sqrt(inner(row, row));
      for (let j = 0; j < n; j++) row[j] /= norm;
    }
  }
  return rows;
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** U x. */
export function times(u: readonly Float64Array[], x: ArrayLike<number>): Float64Array {
  return Float64Array.from(u, (row) => inner(row, x));
}

/** U' x. */
export function timesTransposed(u: readonly Float64Array[], x: ArrayLike<number>): Float64Array {
  return u[0].map((_, j) => u.reduce((sum, row, i) => sum + row[j] * x[i], 0));
}

/** U' diag(lambda) U, as rows. */
export function rotated(u: readonly Float64Array[], lambda: ArrayLike<number>): Float64Array[] {
  return u.map((_, i) => u[0].map((_value, j) => u.reduce((sum, row, k) => sum + row[i] * lambda[k] * row[j], 0)));
}

/** Largest |a_i - b_i|; NaN if any is NaN. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Largest |a_i|. */
export function size(a: ArrayLike<number>): number {
  return distance(a, new Float64Array(a.length));
}
