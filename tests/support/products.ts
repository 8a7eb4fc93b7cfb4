import type { Runtime } from "heavyball";
import { SCRATCH, SCRATCH_BYTES, ZEROS } from "#internal/abi/control";
import { Arena } from "#internal/runtime/memory";
import { casePanels, fromWeightPanels, weightPanels } from "./panels.js";

/** A product's result, row-major and without padding, and a line for everything in memory that changed and should not have. */
export interface ProductOutcome {
  readonly result: Float32Array;
  readonly disturbed: readonly string[];
}

/** A row-major matrix in the module's memory, its rows `stride` floats apart. */
interface Stored {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** Stands wherever a product must neither read nor write: it spoils whatever is computed from it. */
const GUARD = NaN;
const GUARD_FLOATS = 16;

/**
 * The three products of one binary on row-major matrices, for M cases, K inputs and N outputs. `padding` is how many floats the rows and
 * panels lie further apart than they need to.
 */
export class ProductBench {
  private readonly runtime: Runtime;
  private arena: Arena;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
    this.arena = new Arena(runtime.memory);
  }

  /** NN: start + X (M x K) W (K x N), `start` one row of N. */
  forward(m: number, k: number, n: number, x: Float32Array, w: Float32Array, start: Float32Array, padding: number): ProductOutcome {
    const { kernels, layout } = this.begin();
    const columns = layout.paddedColumns(n);
    const from = this.matrix(x, m, k, k + padding);
    const panels = this.place(weightPanels(w, k, n, layout));
    const first = new Float32Array(columns);
    first.set(start);
    const starts = this.place(first);
    const y = this.matrix(undefined, m, n, columns + padding);
    const disturbed = this.watch(y, columns, (_zeros, scratch) =>
      kernels.productForward(from.address, from.stride * 4, m, panels, k, n, starts, y.address, y.stride * 4, scratch),
    );
    return { result: this.read(y), disturbed };
  }

  /** NT: D (M x N) W' for W (K x N), which the binary itself transposes. */
  backward(m: number, k: number, n: number, d: Float32Array, w: Float32Array, padding: number): ProductOutcome {
    const { kernels, layout } = this.begin();
    const columns = layout.paddedColumns(k);
    const from = this.matrix(d, m, n, n + padding);
    const panels = this.place(weightPanels(w, k, n, layout));
    const transposed = this.place(new Float32Array(columns * layout.paddedColumns(n)));
    kernels.packTransposedAll(panels, k, n, transposed);
    const e = this.matrix(undefined, m, k, columns + padding);
    const disturbed = this.watch(e, columns, (zeros, scratch) =>
      kernels.productBackward(from.address, from.stride * 4, m, transposed, n, k, e.address, e.stride * 4, zeros, scratch),
    );
    return { result: this.read(e), disturbed };
  }

  /** TN: X' D for X (M x K), which the binary itself packs, and D (M x N). */
  gradient(m: number, k: number, n: number, x: Float32Array, d: Float32Array, padding: number): ProductOutcome {
    const { kernels, layout } = this.begin();
    const from = this.matrix(x, m, k, k + padding);
    const xStride = m * layout.panel + padding;
    const xPanels = this.place(new Float32Array(xStride * Math.ceil(k / layout.panel)));
    kernels.packCasePanels(from.address, from.stride * 4, 0, m, k, xPanels, xStride * 4);
    const dStride = m * 8 + padding;
    const dPanels = this.place(casePanels(d, m, n, 8, dStride));
    const panelFloats = layout.paddedRows(k) * 8;
    const g = this.matrix(undefined, layout.paddedColumns(n) / 8, panelFloats, panelFloats);
    const disturbed = this.watch(g, panelFloats, (zeros, scratch) =>
      kernels.productGradient(xPanels, xStride * 4, dPanels, dStride * 4, m, k, n, g.address, zeros, scratch),
    );
    return { result: fromWeightPanels(this.read(g), k, n, layout), disturbed };
  }

  private begin() {
    this.arena.release();
    this.arena = new Arena(this.runtime.memory);
    return { kernels: this.runtime.use().kernels, layout: this.runtime.layout };
  }

  /** Address of a copy of `values` with guards on both sides. */
  private place(values: Float32Array): number {
    const start = this.arena.allocate((values.length + 2 * GUARD_FLOATS) * 4, "a test's matrix") / 4;
    const memory = this.runtime.memory.f32;
    memory.fill(GUARD, start, start + values.length + 2 * GUARD_FLOATS);
    memory.set(values, start + GUARD_FLOATS);
    return (start + GUARD_FLOATS) * 4;
  }

  /** A matrix with guards between its rows; all guards when there are no values. */
  private matrix(values: Float32Array | undefined, rows: number, columns: number, stride: number): Stored {
    const padded = new Float32Array(rows * stride).fill(GUARD);
    if (values) for (let i = 0; i < rows; i++) padded.set(values.subarray(i * columns, (i + 1) * columns), i * stride);
    return { address: this.place(padded), rows, columns, stride };
  }

  private read({ address, rows, columns, stride }: Stored): Float32Array {
    const memory = this.runtime.memory.f32;
    const out = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) out.set(memory.subarray(address / 4 + i * stride, address / 4 + i * stride + columns), i * columns);
    return out;
  }

  /**
   * Runs a product and lists the words of the whole memory that changed, other than its scratch and the first `written` columns of
   * `result`.
   */
  private watch(result: Stored, written: number, product: (zeros: number, scratch: number) => void): string[] {
    const control = this.runtime.use().control;
    const before = this.runtime.memory.i32.slice();
    product(control + ZEROS, control + SCRATCH);
    const after = this.runtime.memory.i32;
    const scratch = (control + SCRATCH) / 4;
    const changes: string[] = [];
    for (let i = 0; i < before.length; i++) {
      if (before[i] === after[i]) continue;
      const at = i - result.address / 4;
      const isResult = at >= 0 && at < result.rows * result.stride && at % result.stride < written;
      const isScratch = i >= scratch && i < scratch + SCRATCH_BYTES / 4;
      if (!isResult && !isScratch) changes.push(`word ${i}, ${at} after the start of the result`);
    }
    return changes;
  }
}
