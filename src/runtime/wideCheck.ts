import { SCRATCH_BYTES } from "../abi/control.js";
import { type Kernels, layoutOfKernels } from "./kernels.js";
import { Arena, type KernelMemory } from "./memory.js";

/** How many times as fast the wide tile is as that of relaxed, or what speaks against it: wrong numbers, or its speed. */
export type WideVerdict = { readonly gain: number } | { readonly refusal: string; readonly isWrong: boolean };

/**
 * Cases, inputs and outputs of the products whose bits are compared: whole and short tiles of rows, the forms of one row and of few, pairs
 * of panels and single ones.
 */
const SHAPES = [
  [10, 37, 20],
  [4, 24, 40],
  [7, 61, 33],
  [1, 29, 100],
  [3, 31, 52],
] as const;

/** Length of a repeated tile's sum, and numbers of C in one timing: some tens of microseconds. */
const LENGTH = 256;
const NUMBERS = 3840;
/** Rows and columns of the tiles that are repeated until the engine has optimized them. */
const TILES = [
  [6, 16],
  [4, 16],
  [6, 8],
  [4, 8],
] as const;

/** The wide tile must be this much faster than relaxed's, both of them compiled under the same flag. */
const LEAST_GAIN = 1.15;
/** A ratio beyond this one means that the engine has not yet optimized relaxed's: it cannot be the processor's. */
const MOST_GAIN = 2.5;
/** Where the thread is held up, the milliseconds pass with few timings, of which the lowest says little. */
const LEAST_ROUNDS = 8;
const LEAST_MILLISECONDS = 3;
const MOST_MILLISECONDS = 60;

/**
 * Holds wide kernels against relaxed ones on one memory: the bits of all three products, of both binaries, as the engine first compiles
 * them and again and again while it optimizes their tiles, and the speed of the tile by `clock`, in milliseconds.
 */
export function compareTiles(wide: Kernels, relaxed: Kernels, memory: KernelMemory, clock = () => performance.now()): WideVerdict {
  const arena = new Arena(memory);
  try {
    wide.writeMathConstants();
    return compareIn(arena, wide, relaxed, memory, clock);
  } catch (error) {
    if (!(error instanceof Error && error.name === "RuntimeError")) throw error;
    return { refusal: `its products end here in "${error.message}"`, isWrong: true };
  } finally {
    arena.release();
  }
}

function compareIn(arena: Arena, wide: Kernels, relaxed: Kernels, memory: KernelMemory, clock: () => number): WideVerdict {
  const products = SHAPES.map((shape) => makeProducts(shape, wide, relaxed, memory, arena));
  const differ = (): boolean => products.some((isSame) => !isSame());
  if (differ()) return DIFFERENT;
  const { time, repeatOthers } = makeTiles(wide, relaxed, memory, arena, clock);
  const begin = clock();
  let least = { wide: Infinity, relaxed: Infinity };
  for (let rounds = 1; ; rounds++) {
    repeatOthers();
    if (differ()) return DIFFERENT;
    const now = time();
    least = { wide: Math.min(least.wide, now.wide), relaxed: Math.min(least.relaxed, now.relaxed) };
    const gain = least.relaxed / least.wide;
    const passed = clock() - begin;
    const isSettled = rounds >= LEAST_ROUNDS && passed >= LEAST_MILLISECONDS;
    if (isSettled && gain >= LEAST_GAIN && gain <= MOST_GAIN) return differ() ? DIFFERENT : { gain };
    if (rounds < LEAST_ROUNDS || passed < MOST_MILLISECONDS) continue;
    const refusal = `its tile is ${gain.toFixed(2)} times as fast as relaxed's here, where ${LEAST_GAIN} to ${MOST_GAIN} are expected`;
    return { refusal, isWrong: false };
  }
}

const DIFFERENT: WideVerdict = { refusal: "its products do not have the bits of relaxed's here", isWrong: true };

/** Numbers of both signs, all bits of the mantissa in use. */
function fill(memory: KernelMemory, at: number, count: number): void {
  let state = at | 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    memory.f32[(at >> 2) + i] = (state >> 7) / 2 ** 23;
  }
}

/** Zeroes the columns of a panel of `rows` rows that no number of `columns` columns falls into, if it is the last panel of them. */
function clearPadding(memory: KernelMemory, panel: number, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) memory.f32.fill(0, (panel >> 2) + row * 8 + (((columns - 1) & 7) + 1), (panel >> 2) + row * 8 + 8);
}

/** A comparison of the three products of one shape on random operands. */
function makeProducts(
  [cases, inputs, outputs]: (typeof SHAPES)[number],
  wide: Kernels,
  relaxed: Kernels,
  memory: KernelMemory,
  arena: Arena,
): () => boolean {
  const layout = layoutOfKernels(wide);
  const k = layout.paddedColumns(inputs);
  const n = layout.paddedColumns(outputs);
  const rows = layout.paddedRows(inputs);
  const xStride = cases * layout.panel * 4 + 64;
  const dStride = cases * 32 + 64;
  const operand = (floats: number): number => {
    const at = arena.allocate(floats * 4 + 64, "the check of the wide kernels");
    fill(memory, at, floats);
    return at;
  };
  const x = operand(cases * k);
  const d = operand(cases * n);
  const w = operand(rows * n);
  const t = operand(k * n);
  const start = operand(n);
  const xPanels = operand((xStride * Math.ceil(k / layout.panel)) / 4);
  const dPanels = operand((dStride * n) / 32);
  // What lies beyond the last column is 0 wherever weights and deltas are: kernels may leave it out of their sums.
  clearPadding(memory, w + (n / 8 - 1) * rows * 32, rows, outputs);
  clearPadding(memory, t + (k / 8 - 1) * n * 32, n, inputs);
  clearPadding(memory, dPanels + (n / 8 - 1) * dStride, cases, outputs);
  const zeros = arena.allocate(64, "the check of the wide kernels");
  const scratch = arena.allocate(SCRATCH_BYTES, "the check of the wide kernels");
  const sizes = [cases * n, cases * k, rows * n];
  const places = sizes.map((floats) => arena.allocate(floats * 4 + 64, "the check of the wide kernels"));
  const results = (kernels: Kernels): Int32Array[] => {
    const [y, e, g] = places;
    for (const [i, at] of places.entries()) memory.i32.fill(0, at >> 2, (at >> 2) + sizes[i]);
    kernels.productForward(x, inputs * 4, cases, w, inputs, outputs, start, y, n * 4, scratch);
    kernels.productBackward(d, n * 4, cases, t, outputs, inputs, e, k * 4, zeros, scratch);
    kernels.productGradient(xPanels, xStride, dPanels, dStride, cases, inputs, outputs, g, zeros, scratch);
    return places.map((at, i) => memory.i32.slice(at >> 2, (at >> 2) + sizes[i]));
  };
  const wanted = results(relaxed);
  const isWanted = (found: Int32Array, i: number): boolean => found.every((bits, j) => bits === wanted[i][j]);
  // Under the engine's flag those of relaxed are no more certain than the others.
  return () => [wide, relaxed].every((kernels) => results(kernels).every(isWanted));
}

/**
 * `time`: milliseconds of the same arithmetic in tiles of either kind. `repeatOthers`: as much of it in each other form that the tiles
 * have, so that the engine optimizes them all.
 */
function makeTiles(wide: Kernels, relaxed: Kernels, memory: KernelMemory, arena: Arena, clock: () => number) {
  const floats = 16 * LENGTH;
  const [a, b, zeros, c] = [floats, floats, 16, 256].map((count) => arena.allocate(count * 4, "the check of the wide kernels"));
  fill(memory, a, floats);
  fill(memory, b, floats);
  const repeat = (kernels: Kernels, rows: number, columns: number): void =>
    kernels.repeatTile(NUMBERS / (rows * columns), rows, columns, a, LENGTH * 4, 4, b, LENGTH, zeros, c);
  const timed = (kernels: Kernels): number => {
    const { tileRows, tileColumns } = layoutOfKernels(kernels);
    const begin = clock();
    repeat(kernels, tileRows, tileColumns);
    return clock() - begin;
  };
  return {
    time: () => ({ relaxed: timed(relaxed), wide: timed(wide) }),
    repeatOthers(): void {
      for (const [rows, columns] of TILES.slice(1)) repeat(wide, rows, columns);
      repeat(relaxed, 4, 8);
    },
  };
}
