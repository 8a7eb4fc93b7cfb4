import { beforeAll, describe, expect, it } from "vitest";
import { philox4x32 } from "#internal/random/philox";
import { bestVariant, embeddedKernels } from "#internal/runtime/embeddedKernels";
import type { Kernels, KernelVariant } from "#internal/runtime/kernels";
import { instantiateKernels } from "#internal/runtime/module";

/** Samples are every 1009th f32 bit pattern; 1009 is prime, so all mantissas and exponents have their turn. */
const STRIDE = 1009;
const CHUNK = 32_768;
const INPUT = 1024;
const OUTPUT = INPUT + 4 * CHUNK;
const INFINITE = 0x7f800000;
const NEGATIVE = 0x80000000;
const EXP = 0,
  LOG = 1,
  LOGISTIC = 2,
  TANH = 3,
  LOG1P = 4,
  FLUSH = 5;

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** The largest errors of docs/accuracy.md, rounded up; the bound for all is 4. Ranges are of bit patterns. */
const FUNCTIONS: { kind: number; name: string; exact: (x: number) => number; ulp: number; ranges: [number, number][] }[] = [
  {
    kind: EXP,
    name: "exp",
    exact: Math.exp,
    ulp: 1.25,
    ranges: [
      [0, INFINITE],
      [NEGATIVE, NEGATIVE + INFINITE],
    ],
  },
  { kind: LOG, name: "log", exact: Math.log, ulp: 1, ranges: [[1, INFINITE - 1]] },
  {
    kind: LOGISTIC,
    name: "logistic",
    exact: logistic,
    ulp: 2.5,
    ranges: [
      [0, INFINITE],
      [NEGATIVE, NEGATIVE + INFINITE],
    ],
  },
  {
    kind: TANH,
    name: "tanh",
    exact: Math.tanh,
    ulp: 2,
    ranges: [
      [0, INFINITE],
      [NEGATIVE, NEGATIVE + INFINITE],
    ],
  },
  { kind: LOG1P, name: "log1p", exact: Math.log1p, ulp: 2, ranges: [[0, 0x3f800000]] },
];

const f64 = new Float64Array(1);
const words = new Uint32Array(f64.buffer);

/** |got - exact| in units in the last place of an f32 as large as `exact`; everything from 2^128 on counts as infinity. */
function ulps(got: number, exact: number): number {
  const bounded = Math.max(Math.min(exact, 2 ** 128), -(2 ** 128));
  f64[0] = bounded;
  const exponent = Math.min(Math.max(((words[1] >>> 20) & 2047) - 1023, -126), 127);
  words[0] = 0;
  words[1] = (1023 + 23 - exponent) << 20;
  return Math.abs(Math.max(Math.min(got, 2 ** 128), -(2 ** 128)) - bounded) * f64[0];
}

const variants: KernelVariant[] = bestVariant() === "relaxed" ? ["simd", "relaxed"] : ["simd"];

describe.each(variants)("mathematical functions of the %s binary", (variant) => {
  let kernels: Kernels;
  let inputBits: Uint32Array;
  let input: Float32Array;
  let output: Float32Array;
  let outputBits: Uint32Array;

  beforeAll(async () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536 });
    kernels = instantiateKernels(await embeddedKernels(variant, false), memory);
    kernels.writeMathConstants();
    inputBits = new Uint32Array(memory.buffer, INPUT, CHUNK);
    input = new Float32Array(memory.buffer, INPUT, CHUNK);
    output = new Float32Array(memory.buffer, OUTPUT, CHUNK);
    outputBits = new Uint32Array(memory.buffer, OUTPUT, CHUNK);
  });

  const one = (kind: number, x: number): number => {
    input[0] = x;
    kernels.mathMap(kind, INPUT, OUTPUT, 1);
    return output[0];
  };

  describe.each(FUNCTIONS)("$name", ({ kind, exact, ulp, ranges }) => {
    it.each(ranges)(`is within ${ulp} ulp from bits %i to %i`, (first, last) => {
      let worst = 0;
      let worstAt = NaN;
      for (let bits: number = first; bits <= last; ) {
        let count = 0;
        for (; count < CHUNK && bits <= last; count++, bits += STRIDE) inputBits[count] = bits;
        kernels.mathMap(kind, INPUT, OUTPUT, count);
        for (let i = 0; i < count; i++) {
          const error = ulps(output[i], exact(input[i]));
          if (!(error <= worst)) [worst, worstAt] = [Number.isNaN(error) ? Infinity : error, input[i]];
        }
      }
      expect(worst, `at ${worstAt}`).toBeLessThan(ulp);
    });
  });

  it.each([
    [EXP, "exp", 0, 1],
    [EXP, "exp", -0, 1],
    [EXP, "exp", Infinity, Infinity],
    [EXP, "exp", -Infinity, 0],
    [EXP, "exp", NaN, NaN],
    [EXP, "exp", 88.72283935546875, Infinity],
    [EXP, "exp", -103, 2 ** -149],
    [EXP, "exp", -104, 0],
    [EXP, "exp", 1e-45, 1],
    [LOG, "log", 1, 0],
    [LOG, "log", 0, -Infinity],
    [LOG, "log", -0, -Infinity],
    [LOG, "log", Infinity, Infinity],
    [LOG, "log", -1, NaN],
    [LOG, "log", -1e-45, NaN],
    [LOG, "log", -Infinity, NaN],
    [LOG, "log", NaN, NaN],
    [LOG, "log", 2 ** -149, Math.fround(Math.log(2 ** -149))],
    [LOGISTIC, "logistic", 0, 0.5],
    [LOGISTIC, "logistic", -0, 0.5],
    [LOGISTIC, "logistic", Infinity, 1],
    [LOGISTIC, "logistic", -Infinity, 0],
    [LOGISTIC, "logistic", -103, 2 ** -149],
    [LOGISTIC, "logistic", -1e30, 0],
    [LOGISTIC, "logistic", NaN, NaN],
    [TANH, "tanh", 0, 0],
    [TANH, "tanh", -0, -0],
    [TANH, "tanh", Infinity, 1],
    [TANH, "tanh", -Infinity, -1],
    [TANH, "tanh", NaN, NaN],
    [TANH, "tanh", 2 ** -149, 2 ** -149],
    [TANH, "tanh", -(2 ** -130), -(2 ** -130)],
    [TANH, "tanh", -10, -1],
    [LOG1P, "log1p", 0, 0],
    [LOG1P, "log1p", 2 ** -149, 2 ** -149],
    [LOG1P, "log1p", NaN, NaN],
    [FLUSH, "flush", 2 ** -63, 2 ** -63],
    [FLUSH, "flush", -(2 ** -63), -(2 ** -63)],
    [FLUSH, "flush", 2 ** -63 * (1 - 2 ** -24), 0],
    [FLUSH, "flush", -1e-30, 0],
    [FLUSH, "flush", -Infinity, -Infinity],
    [FLUSH, "flush", NaN, NaN],
    [FLUSH, "flush", 0.1, Math.fround(0.1)],
  ])("kind %i, %s(%d), is %d", (kind, _name, x, expected) => {
    expect(one(kind, x)).toBe(expected);
  });

  it("gives tanh exactly odd", () => {
    for (let i = 0; i < CHUNK; i++) inputBits[i] = (i >> 1) * 129_001 + (i & 1) * NEGATIVE;
    kernels.mathMap(TANH, INPUT, OUTPUT, CHUNK);
    let different = 0;
    for (let i = 0; i < CHUNK; i += 2) if (!Number.isNaN(input[i]) && (outputBits[i] ^ outputBits[i + 1]) !== (NEGATIVE | 0)) different++;
    expect(different).toBe(0);
  });

  it.each([0, 1, 2, 3, 4, 5, 7, 8])("maps %i numbers, in place too, and no more", (count) => {
    for (let kind = 0; kind <= 5; kind++) {
      for (let i = 0; i < 9; i++) input[i] = 0.1 * (i + 1);
      const before = input.slice(0, 9);
      output.fill(-7, 0, 9);
      kernels.mathMap(kind, INPUT, OUTPUT, count);
      const mapped = output.slice(0, 9);
      expect(mapped.slice(count)).toEqual(new Float32Array(9 - count).fill(-7));
      expect([...mapped.slice(0, count)]).toEqual([...before.slice(0, count)].map((x) => one(kind, x)));
      input.set(before);
      kernels.mathMap(kind, INPUT, INPUT, count);
      expect(input.slice(0, 9)).toEqual(Float32Array.from(before, (x, i) => (i < count ? mapped[i] : x)));
    }
  });

  it("has the Philox of the host", () => {
    const expected = new Uint32Array(4);
    const counter: [number, number, number, number] = [0xffffffff, 7, 0x80000000, 1];
    for (let i = 0; i < 100; i++) {
      const key: [number, number] = [i * 0x1000193, 0xdeadbeef - i];
      philox4x32(counter, key, expected);
      kernels.philox4x32(OUTPUT, ...counter, ...key);
      expect([...outputBits.slice(0, 4)]).toEqual([...expected]);
      counter.splice(0, 4, expected[0], expected[1], expected[2], expected[3]);
    }
  });
});
