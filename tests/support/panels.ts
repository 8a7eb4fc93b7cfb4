import type { KernelLayout } from "#internal/runtime/kernels";

/**
 * The layouts of assembly/dense/layout.ts, written as loops over the letters: M cases, K inputs, N outputs; matrices are row-major.
 * Padding is zero.
 */

/** Weights (K x N) as weight panels [N/8][paddedRows(K)][8]. */
export function weightPanels(w: Float32Array, k: number, n: number, layout: KernelLayout): Float32Array {
  const rows = layout.paddedRows(k);
  const panels = new Float32Array(rows * layout.paddedColumns(n));
  for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) panels[weightAt(i, j, rows)] = w[i * n + j];
  return panels;
}

/** Weight panels back to a row-major K x N matrix. */
export function fromWeightPanels(panels: Float32Array, k: number, n: number, layout: KernelLayout): Float32Array {
  const rows = layout.paddedRows(k);
  const w = new Float32Array(k * n);
  for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) w[i * n + j] = panels[weightAt(i, j, rows)];
  return w;
}

function weightAt(i: number, j: number, rows: number): number {
  return (Math.floor(j / 8) * rows + i) * 8 + (j % 8);
}

/** A matrix (M x columns) as case panels [columns/width][M][width], `stride` floats from one panel to the next. */
export function casePanels(x: Float32Array, m: number, columns: number, width: number, stride: number): Float32Array {
  const panels = new Float32Array(stride * Math.ceil(columns / width));
  for (let i = 0; i < m; i++)
    for (let j = 0; j < columns; j++) panels[Math.floor(j / width) * stride + i * width + (j % width)] = x[i * columns + j];
  return panels;
}
