import { createRuntime, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { type ProductForm, productTwin } from "../reference/productTwin.js";
import { ProductBench, type ProductOutcome } from "../support/products.js";
import { variants } from "../support/variants.js";

/** In the manner of the BLAS level-3 tests: small sizes in all combinations, then odd large ones (M crosses a block of 256 cases). */
const SMALL = [0, 1, 2, 3, 5, 9];
const LARGE: readonly [m: number, k: number, n: number][] = [
  [37, 65, 131],
  [65, 131, 37],
  [131, 37, 65],
  [131, 131, 131],
  [257, 65, 37],
  [300, 37, 131],
  [256, 40, 24],
  [513, 41, 9],
  [5, 257, 300],
  [1, 300, 257],
  [300, 1, 1],
];
/** None, and odd ones that put every row on another alignment. */
const PADDINGS = [0, 3, 13];
const FORMS: readonly ProductForm[] = ["NN", "NT", "TN"];

/** Operands of a form and the result's size and length of its sums: what each product is called with and what the twin is. */
interface Problem {
  readonly form: ProductForm;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly start: Float32Array;
}

/** The products as layers use them: NN is X W (+ start), NT is D W', TN is X' D, for M cases, K inputs, N outputs. */
function problem(form: ProductForm, m: number, k: number, n: number, draw: () => number): Problem {
  const fill = (length: number) => Float32Array.from({ length }, draw);
  const a = fill(m * (form === "NT" ? n : k));
  const b = fill(n * (form === "TN" ? m : k));
  return { form, m, k, n, a, b, start: form === "NN" ? fill(n) : new Float32Array(0) };
}

function compute(bench: ProductBench, { form, m, k, n, a, b, start }: Problem, padding: number): ProductOutcome {
  if (form === "NN") return bench.forward(m, k, n, a, b, start, padding);
  if (form === "NT") return bench.backward(m, k, n, a, b, padding);
  return bench.gradient(m, k, n, a, b, padding);
}

/** The twin's C, and the length of the sums in it. */
function expected({ form, m, k, n, start }: Problem, a: ArrayLike<number>, b: ArrayLike<number>): { c: Float64Array; length: number } {
  // The twin's own letters: C (rows x columns) summed over `length`.
  const [rows, columns, length] = form === "NN" ? [m, n, k] : form === "NT" ? [m, k, n] : [k, n, m];
  const lda = form === "TN" ? rows : length;
  const ldb = form === "NT" ? length : columns;
  const c = Float64Array.from({ length: rows * columns }, (_, i) => (start.length > 0 ? start[i % columns] : 0));
  return { c: productTwin(form, { m: rows, n: columns, k: length, lda, ldb, ldc: columns }, a, b, c, { beta: 1 }), length };
}

/** How many entries lie further from the twin's than length x epsilon x magnitude, the magnitude being the sum of the absolute terms. */
function wrongEntries(given: Problem, result: Float32Array): number {
  const { c, length } = expected(given, given.a, given.b);
  const absolute = (values: Float32Array) => values.map(Math.abs);
  const { c: magnitude } = expected({ ...given, start: absolute(given.start) }, absolute(given.a), absolute(given.b));
  if (result.length !== c.length) return Infinity;
  const epsilon = 2 ** -23;
  // The negation counts NaN as wrong.
  return c.reduce((wrong, value, i) => wrong + (Math.abs(result[i] - value) <= length * epsilon * magnitude[i] ? 0 : 1), 0);
}

/** How many entries differ from the twin's at all. */
function differentEntries(given: Problem, result: Float32Array): number {
  const { c } = expected(given, given.a, given.b);
  return c.reduce((different, value, i) => different + (result[i] === value ? 0 : 1), 0);
}

describe.each(variants)("products of the %s kernels", (kernels) => {
  let runtime: Runtime;
  let bench: ProductBench;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
    bench = new ProductBench(runtime);
  });
  afterAll(() => runtime.dispose());

  describe.each(FORMS)("%s", (form) => {
    it("agrees with the twin in every combination of small sizes, and changes nothing but the result", () => {
      const stream = new RandomStream(1, `products ${form}`);
      const failures: string[] = [];
      for (const m of SMALL) {
        for (const k of SMALL) {
          for (const n of SMALL) {
            for (const padding of PADDINGS) {
              const given = problem(form, m, k, n, () => stream.normal());
              const { result, disturbed } = compute(bench, given, padding);
              const wrong = wrongEntries(given, result);
              if (wrong > 0 || disturbed.length > 0)
                failures.push(`M ${m}, K ${k}, N ${n}, padding ${padding}: ${wrong} wrong; ${disturbed.slice(0, 3).join("; ")}`);
            }
          }
        }
      }
      expect(failures).toEqual([]);
    });

    it.each(LARGE)("agrees with the twin for M %i, K %i, N %i", (m, k, n) => {
      const stream = new RandomStream(2, `products ${form}`);
      const given = problem(form, m, k, n, () => stream.normal());
      const { result, disturbed } = compute(bench, given, 13);
      expect(wrongEntries(given, result)).toBe(0);
      expect(disturbed).toEqual([]);
    });

    // Every partial sum is a small multiple of 2^-6, so no order of summation and no fusing can round.
    it.each([[9, 9, 9], ...LARGE])("is exact on powers of two for M %i, K %i, N %i", (m, k, n) => {
      const stream = new RandomStream(3, `products ${form}`);
      const given = problem(form, m, k, n, () => (1 - 2 * stream.integer(2)) * 2 ** (stream.integer(7) - 3));
      const { result } = compute(bench, given, 0);
      expect(differentEntries(given, result)).toBe(0);
    });

    // Every way in which the rows of an operand can end: tiles, panels and their edges repeat after 60 rows at the latest.
    it("agrees with the twin for every number of cases and of inputs up to 61", () => {
      const stream = new RandomStream(4, `products ${form}`);
      const failures: string[] = [];
      for (let size = 1; size <= 61; size++) {
        for (const [m, k] of [
          [size, 7],
          [7, size],
        ] as const) {
          const given = problem(form, m, k, 9, () => stream.normal());
          const { result, disturbed } = compute(bench, given, 3);
          if (wrongEntries(given, result) > 0 || disturbed.length > 0) failures.push(`M ${m}, K ${k}`);
        }
      }
      expect(failures).toEqual([]);
    });

    it("writes every entry, whatever stood there", () => {
      const given = problem(form, 7, 11, 13, () => 0);
      expect(compute(bench, given, 0).result.every((value) => value === 0)).toBe(true);
    });
  });

  it("are seen to be wrong when they are", () => {
    const given = problem("NN", 5, 9, 3, () => 1);
    const { result } = compute(bench, given, 0);
    expect(wrongEntries(given, result)).toBe(0);
    result[7] += 1e-4;
    expect(wrongEntries(given, result)).toBe(1);
    result[8] = NaN;
    expect(wrongEntries(given, result)).toBe(2);
  });
});

describe.each(variants)("packing by the %s kernels", (kernels) => {
  it("reports values that are not finite, wherever they stand, and not what lies between the rows", async () => {
    const runtime = await createRuntime({ threads: 1, kernels });
    const { kernels: exports } = runtime.use();
    const x = runtime.memory.allocate(4096, "test");
    const panels = runtime.memory.allocate(16384, "test");
    const [rows, columns, stride] = [4, 23, 25];
    const pack = () => exports.packCasePanels(x, stride * 4, 0, rows, columns, panels, rows * runtime.layout.panel * 4);
    const memory = runtime.memory.f32;
    memory.fill(NaN, x / 4, x / 4 + rows * stride + 8);
    for (let i = 0; i < rows; i++) memory.fill(1, x / 4 + i * stride, x / 4 + i * stride + columns);
    expect(pack()).toBeTruthy();
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 1, 22, stride, 2 * stride + 12, 3 * stride + 22]) {
        memory[x / 4 + at] = bad;
        expect(pack()).toBeFalsy();
        memory[x / 4 + at] = 1;
      }
    }
    expect(pack()).toBeTruthy();
    await runtime.dispose();
  });
});
