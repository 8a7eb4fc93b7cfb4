import {
  LAYOUT_PADDED_COLUMNS,
  LAYOUT_PADDED_ROWS,
  LAYOUT_PANEL,
  LAYOUT_TILE_COLUMNS,
  LAYOUT_TILE_ROWS,
  LAYOUT_VARIANT,
  VARIANT_RELAXED,
} from "../abi/layout.js";

/** What the WebAssembly module exports (assembly/index.ts): addresses and sizes in, numbers out. */
export interface Kernels {
  lead(control: number, program: number, args: number): number;
  serve(control: number, rank: number, seen: number): void;
  addRowSums(args: number): void;
  /**
   * sum <- sum + c over `bytes`, a multiple of 16, what rounding takes being kept in `rest`; c receives the sum. Where `continues` is 0, c
   * is the first term.
   */
  addToLongSum(sum: number, rest: number, c: number, bytes: number, continues: number): void;
  layoutOf(what: number, n: number): number;
  packCasePanels(x: number, xRow: number, first: number, end: number, columns: number, panels: number, panelStride: number): number;
  packTransposedAll(w: number, inputs: number, outputs: number, t: number): void;
  productForward(
    x: number,
    xRow: number,
    cases: number,
    w: number,
    inputs: number,
    outputs: number,
    start: number,
    y: number,
    yRow: number,
    scratch: number,
  ): void;
  productBackward(
    d: number,
    dRow: number,
    cases: number,
    w: number,
    outputs: number,
    inputs: number,
    e: number,
    eRow: number,
    zeros: number,
    scratch: number,
  ): void;
  productGradient(
    x: number,
    xStride: number,
    d: number,
    dStride: number,
    cases: number,
    inputs: number,
    outputs: number,
    g: number,
    zeros: number,
    scratch: number,
  ): void;
  /** a'b over `bytes`, a multiple of 16; f64 sums in a fixed order (assembly/optimize/vectors.ts). */
  dot(a: number, b: number, bytes: number): number;
  /** out = alpha x + beta y over `bytes`. */
  combine(out: number, alpha: number, x: number, beta: number, y: number, bytes: number): void;
  /** out = max(scale x + shift, 2^-63)^-exponent over `bytes`, exponent from 0 to 1. */
  inversePower(out: number, x: number, scale: number, shift: number, exponent: number, bytes: number): void;
  repeatTile(
    repeat: number,
    rows: number,
    columns: number,
    a: number,
    rowBytes: number,
    stepBytes: number,
    b: number,
    length: number,
    zeros: number,
    c: number,
  ): void;
  /** Writes the constants of the mathematical functions to the memory's first bytes; once per memory, before any other call. */
  writeMathConstants(): void;
  mathMap(kind: number, input: number, output: number, count: number): void;
  philox4x32(out: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void;
}

/** What numbers are computed: `relaxed` fuses multiply and add and needs relaxed SIMD; `simd` gives the same bits on every engine. */
export type KernelVariant = "simd" | "relaxed";

/** The three binaries: `wide` computes the numbers of `relaxed` in tiles that V8 can be asked to make 256-bit code of. */
export type KernelBinary = KernelVariant | "wide";

/** What may be asked for. */
export const KERNEL_CHOICES = ["auto", "simd", "relaxed", "wide"] as const;
/**
 * Kernels that may be asked for: a variant, "wide", which computes the numbers of `relaxed` in wider registers, or "auto", `relaxed` where
 * it runs and else `simd`.
 */
export type KernelChoice = (typeof KERNEL_CHOICES)[number];

/** Whose numbers a binary computes. */
export function numericsOf(binary: KernelBinary): KernelVariant {
  return binary === "wide" ? "relaxed" : binary;
}

/** What a binary is and how it lays matrices out, asked from the binary itself (assembly/dense/layout.ts explains them). */
export interface KernelLayout {
  readonly variant: KernelVariant;
  readonly binary: KernelBinary;
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly panel: number;
  paddedRows(inputs: number): number;
  paddedColumns(outputs: number): number;
}

export function layoutOfKernels(kernels: Kernels): KernelLayout {
  // Numbers only: whoever holds a layout must not hold the instance and its memory.
  const rowMultiple = kernels.layoutOf(LAYOUT_PADDED_ROWS, 1);
  const columnMultiple = kernels.layoutOf(LAYOUT_PADDED_COLUMNS, 1);
  const variant = kernels.layoutOf(LAYOUT_VARIANT, 0) === VARIANT_RELAXED ? "relaxed" : "simd";
  const tileColumns = kernels.layoutOf(LAYOUT_TILE_COLUMNS, 0);
  return {
    variant,
    binary: tileColumns > columnMultiple ? "wide" : variant,
    tileColumns,
    tileRows: kernels.layoutOf(LAYOUT_TILE_ROWS, 0),
    panel: kernels.layoutOf(LAYOUT_PANEL, 0),
    paddedRows: (inputs) => Math.ceil(inputs / rowMultiple) * rowMultiple,
    paddedColumns: (outputs) => Math.ceil(outputs / columnMultiple) * columnMultiple,
  };
}
