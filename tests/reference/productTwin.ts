/**
 * The three matrix products in f64, one triple loop each. Row-major; a leading dimension is the distance between rows.
 *
 *     NN   C (m x n) = alpha A (m x k) B (k x n)    + beta C    forward:  activations x weights
 *     NT   C (m x n) = alpha A (m x k) B (n x k)'   + beta C    backward: deltas x weights'
 *     TN   C (m x n) = alpha A (k x m)' B (k x n)   + beta C    gradient: inputs' x deltas
 */
export type ProductForm = "NN" | "NT" | "TN";

export interface ProductSizes {
  m: number;
  n: number;
  k: number;
  /** Leading dimensions of A, B and C as stored. */
  lda: number;
  ldb: number;
  ldc: number;
}

/** Returns C as a new array the length of `c`; whatever lies between its rows is copied. With beta = 0, C's old entries are not read. */
export function productTwin(
  form: ProductForm,
  { m, n, k, lda, ldb, ldc }: ProductSizes,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  c: ArrayLike<number>,
  { alpha = 1, beta = 0 } = {},
): Float64Array {
  const out = Float64Array.from(c);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        const left = form === "TN" ? a[p * lda + i] : a[i * lda + p];
        const right = form === "NT" ? b[j * ldb + p] : b[p * ldb + j];
        sum += left * right;
      }
      out[i * ldc + j] = alpha * sum + (beta === 0 ? 0 : beta * out[i * ldc + j]);
    }
  }
  return out;
}
