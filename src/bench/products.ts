import { SCRATCH, ZEROS } from "../abi/control.js";
import type { Engine } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import { gigaflops, timeEach } from "./clock.js";

/** One product of M cases by K inputs by N outputs, in GF/s, beside the micro-kernel on operands of the same length that stay in cache. */
export interface ProductFigure {
  readonly form: "NN" | "NT" | "TN";
  readonly shape: readonly [cases: number, inputs: number, outputs: number];
  readonly gigaflops: number;
  readonly tile: number;
}

/** The three products of one weight layer on one thread: forward, backward, gradient. */
export async function measureProducts(
  engine: Engine,
  cases: number,
  inputs: number,
  outputs: number,
  milliseconds: number,
): Promise<ProductFigure[]> {
  const { kernels, control } = engine.use();
  const { layout, memory } = engine;
  const arena = new Arena(memory);
  const rows = Math.ceil(cases / layout.tileRows) * layout.tileRows;
  const k = layout.paddedColumns(inputs);
  const n = layout.paddedColumns(outputs);
  const stride = (width: number): number => Math.ceil((rows * width * 4) / 64) * 64 + 64;
  const floats = (count: number): number => {
    const at = arena.allocate(count * 4 + 64, "benchmark");
    memory.f32.fill(1e-3, at >> 2, (at >> 2) + count);
    return at;
  };
  const x = floats(rows * k);
  const y = floats(rows * n);
  const d = floats(rows * n);
  const e = floats(rows * k);
  const w = floats(layout.paddedRows(inputs) * n);
  const t = floats(k * n);
  const g = floats(layout.paddedRows(inputs) * n);
  const xPanels = floats((stride(layout.panel) * Math.ceil(k / layout.panel)) / 4);
  const dPanels = floats((stride(8) * n) / 32);
  const zeros = control + ZEROS;
  const scratch = control + SCRATCH;
  const repeat = 50;
  const tile = (length: number, rowBytes: number, stepBytes: number) => () =>
    kernels.repeatTile(repeat, layout.tileRows, layout.tileColumns, x, rowBytes, stepBytes, w, length, zeros, scratch);
  const timings = await timeEach(
    {
      NN: () => kernels.productForward(x, inputs * 4, cases, w, inputs, outputs, zeros, y, n * 4, scratch),
      NNtile: tile(inputs, inputs * 4, 4),
      NT: () => kernels.productBackward(d, n * 4, cases, t, outputs, inputs, e, k * 4, zeros, scratch),
      NTtile: tile(outputs, n * 4, 4),
      TN: () => kernels.productGradient(xPanels, stride(layout.panel), dPanels, stride(8), cases, inputs, outputs, g, zeros, scratch),
      TNtile: tile(cases, 4, layout.panel * 4),
    },
    milliseconds,
  );
  arena.release();
  const operations = 2 * cases * inputs * outputs;
  const lengths = { NN: inputs, NT: outputs, TN: cases };
  return (["NN", "NT", "TN"] as const).map((form) => ({
    form,
    shape: [cases, inputs, outputs],
    gigaflops: gigaflops(operations, timings[form]),
    tile: gigaflops(repeat * 2 * layout.tileRows * layout.tileColumns * lengths[form], timings[`${form}tile`]),
  }));
}
