import { InvalidOptionError, ShapeError, UnsupportedError } from "../errors.js";
import { checkInteger } from "../validate.js";

/**
 * Spectral radius of a real n x n matrix: the largest modulus among its eigenvalues, complex ones included.
 *
 * Balancing (Parlett and Reinsch 1969), reduction to Hessenberg form by Householder reflections, then Francis' implicit double-shift QR,
 * all in f64 with + - * / sqrt only, so the same bits everywhere; about 10 n^3 operations. The relative error is near machine precision for
 * well-conditioned eigenvalues; a defective dominant eigenvalue of multiplicity m is found to about 1e-16 ^ (1/m), as by any method that
 * works in f64.
 *
 * Throws `InvalidOptionError` for a value that is not finite, `ShapeError` when `matrix` (row-major, left as it was) is not n x n.
 */
export function spectralRadius(matrix: Float64Array | Float32Array, n: number): number {
  checkInteger("n", n, 1);
  if (matrix.length !== n * n) throw new ShapeError("the length of the matrix", matrix.length, `n x n = ${n * n}`);
  let largest = 0;
  for (const value of matrix) {
    if (!Number.isFinite(value)) throw new InvalidOptionError("matrix", value, "made of finite numbers");
    largest = Math.max(largest, Math.abs(value));
  }
  if (largest === 0) return 0;
  // With entries of at most 1, no intermediate product overflows.
  const h = Float64Array.from(matrix, (value) => value / largest);
  balance(h, n);
  // Balancing may have made all of it small, and where a diagonal is 0 the QR sweeps take 1 for the matrix's size. A power of 2 changes no
  // other bit.
  const scale = powerOfTwoBelow(h);
  for (let i = 0; i < h.length; i++) h[i] /= scale;
  reduceToHessenberg(h, n);
  return largest * scale * largestEigenvalue(h, n);
}

/** The largest power of 2 that is not above the largest modulus, which is at most about 1 and not 0. */
function powerOfTwoBelow(h: Float64Array): number {
  const largest = h.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let power = 1;
  while (power > largest) power /= 2;
  return power;
}

/** Scales row and column i by powers of 2 against each other, which keeps the eigenvalues, until their norms are alike. */
function balance(h: Float64Array, n: number): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < n; i++) {
      let column = 0;
      let row = 0;
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        column += Math.abs(h[j * n + i]);
        row += Math.abs(h[i * n + j]);
      }
      if (column === 0 || row === 0) continue;
      let factor = 1;
      let scaled = column;
      for (; scaled < row / 2; scaled *= 4) factor *= 2;
      for (; scaled >= row * 2; scaled /= 4) factor /= 2;
      if ((scaled + row) / factor >= 0.95 * (column + row)) continue;
      changed = true;
      for (let j = 0; j < n; j++) h[i * n + j] /= factor;
      for (let j = 0; j < n; j++) h[j * n + i] *= factor;
    }
  }
}

/** Similarity by Householder reflections to zeros below the first subdiagonal. */
function reduceToHessenberg(h: Float64Array, n: number): void {
  const v = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    let below = 0;
    for (let i = k + 2; i < n; i++) below += h[i * n + k] * h[i * n + k];
    if (below === 0) continue;
    const first = h[(k + 1) * n + k];
    const norm = Math.sqrt(first * first + below);
    const alpha = first > 0 ? -norm : norm;
    for (let i = k + 1; i < n; i++) v[i] = h[i * n + k];
    v[k + 1] -= alpha;
    // The reflection is I - beta v v'.
    const beta = 2 / (v[k + 1] * v[k + 1] + below);
    for (let j = k + 1; j < n; j++) {
      let sum = 0;
      for (let i = k + 1; i < n; i++) sum += v[i] * h[i * n + j];
      sum *= beta;
      for (let i = k + 1; i < n; i++) h[i * n + j] -= sum * v[i];
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += h[i * n + j] * v[j];
      sum *= beta;
      for (let j = k + 1; j < n; j++) h[i * n + j] -= sum * v[j];
    }
    h[(k + 1) * n + k] = alpha;
    for (let i = k + 2; i < n; i++) h[i * n + k] = 0;
  }
}

/** Splits eigenvalues off the lower end of a Hessenberg matrix, one or a pair at a time, and keeps the largest modulus. */
function largestEigenvalue(h: Float64Array, n: number): number {
  let radius = 0;
  let high = n - 1;
  let sweeps = 0;
  while (high >= 0) {
    const low = startOfBlock(h, n, high);
    if (low >= high - 1) {
      radius = Math.max(radius, low === high ? Math.abs(h[high * n + high]) : modulusOfPair(h, n, low));
      high = low - 1;
      sweeps = 0;
      continue;
    }
    if (++sweeps > 300) throw new UnsupportedError(`the eigenvalues of this ${n} x ${n} matrix were not found in ${sweeps} QR sweeps`);
    doubleShiftSweep(h, n, low, high, sweeps % 10 === 0);
  }
  return radius;
}

/** The first row of the unreduced block that ends in row `high`: subdiagonal entries that do not count are set to 0. */
function startOfBlock(h: Float64Array, n: number, high: number): number {
  for (let i = high; i > 0; i--) {
    let size = Math.abs(h[(i - 1) * n + i - 1]) + Math.abs(h[i * n + i]);
    if (size === 0) size = 1;
    if (Math.abs(h[i * n + i - 1]) <= Number.EPSILON * size) {
      h[i * n + i - 1] = 0;
      return i;
    }
  }
  return 0;
}

/** The larger modulus of the eigenvalues of the 2 x 2 block at row i: m +- sqrt(q), or a complex pair of modulus sqrt(m^2 - q). */
function modulusOfPair(h: Float64Array, n: number, i: number): number {
  const a = h[i * n + i];
  const d = h[(i + 1) * n + i + 1];
  const half = (a - d) / 2;
  const middle = (a + d) / 2;
  const q = half * half + h[i * n + i + 1] * h[(i + 1) * n + i];
  return q >= 0 ? Math.abs(middle) + Math.sqrt(q) : Math.sqrt(middle * middle - q);
}

/**
 * One sweep of Francis' QR on rows low..high: the reflection that begins (H - s1)(H - s2), s1 and s2 being the eigenvalues of the last
 * 2 x 2 block, makes a bulge, which reflections of three rows chase down and out. An `exceptional` sweep takes other shifts, for blocks (a
 * cyclic permutation, say) on which the usual ones do nothing.
 */
function doubleShiftSweep(h: Float64Array, n: number, low: number, high: number, exceptional: boolean): void {
  // The shifts are the eigenvalues of [[a, b], [c, d]], of which bc = b c is all that is needed.
  let a = h[(high - 1) * n + high - 1];
  let d = h[high * n + high];
  let bc = h[(high - 1) * n + high] * h[high * n + high - 1];
  if (exceptional) {
    const size = Math.abs(h[high * n + high - 1]) + Math.abs(h[(high - 1) * n + high - 2]);
    a = d += size;
    bc = (-size * size) / 2;
  }
  // First column of (H - s1)(H - s2), divided by h10. Written with differences: when the block's eigenvalues are all but equal, rounding
  // would otherwise drown them, and no sweep would get further.
  const h00 = h[low * n + low];
  const h10 = h[(low + 1) * n + low];
  let x = ((a - h00) * (d - h00) - bc) / h10 + h[low * n + low + 1];
  let y = h[(low + 1) * n + low + 1] - h00 - (a - h00) - (d - h00);
  let z = h[(low + 2) * n + low + 1];
  for (let k = low; k < high; k++) {
    const three = k < high - 1;
    if (k > low) {
      x = h[k * n + k - 1];
      y = h[(k + 1) * n + k - 1];
      z = three ? h[(k + 2) * n + k - 1] : 0;
    } else if (!three) z = 0;
    const scale = Math.abs(x) + Math.abs(y) + Math.abs(z);
    if (scale === 0) continue;
    const norm = scale * Math.sqrt((x / scale) * (x / scale) + (y / scale) * (y / scale) + (z / scale) * (z / scale));
    const alpha = x > 0 ? -norm : norm;
    // I - u w' with u = (1, v1, v2) and w = tau u, where the reflection takes (x, y, z) to (alpha, 0, 0).
    const tau = (alpha - x) / alpha;
    const v1 = y / (x - alpha);
    const v2 = z / (x - alpha);
    if (k > low) {
      h[k * n + k - 1] = alpha;
      h[(k + 1) * n + k - 1] = 0;
      if (three) h[(k + 2) * n + k - 1] = 0;
    }
    for (let j = k; j <= high; j++) {
      const at = k * n + j;
      const projection = tau * (h[at] + v1 * h[at + n] + (three ? v2 * h[at + 2 * n] : 0));
      h[at] -= projection;
      h[at + n] -= projection * v1;
      if (three) h[at + 2 * n] -= projection * v2;
    }
    const last = Math.min(k + 3, high);
    for (let i = low; i <= last; i++) {
      const at = i * n + k;
      const projection = tau * (h[at] + v1 * h[at + 1] + (three ? v2 * h[at + 2] : 0));
      h[at] -= projection;
      h[at + 1] -= projection * v1;
      if (three) h[at + 2] -= projection * v2;
    }
  }
}
