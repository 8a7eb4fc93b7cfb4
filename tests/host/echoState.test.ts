import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError, ShapeError } from "#internal/errors";
import { checkInitialization } from "#internal/initialize/check";
import { dense } from "#internal/initialize/dense";
import { echoState } from "#internal/initialize/echoState";
import { echoStateValues, type RecurrentShape } from "#internal/initialize/echoStateValues";
import { spectralRadius } from "#internal/math/spectralRadius";

function split(values: Float32Array, { inputs, hidden, outputs }: RecurrentShape): Record<string, Float32Array> {
  let offset = 0;
  const take = (length: number): Float32Array => values.subarray(offset, (offset += length));
  const parts = {
    inputToHidden: take(inputs * hidden),
    hiddenToHidden: take(hidden * hidden),
    hiddenBiases: take(hidden),
    hiddenToOutput: take(hidden * outputs),
    outputBiases: take(outputs),
  };
  expect(offset).toBe(values.length);
  return parts;
}

const spread = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe("echoState", () => {
  const shape = { inputs: 40, hidden: 100, outputs: 30 };

  it("is Table 4", () => {
    const description = echoState({ inputScale: 0.001, outputBiases: Array.from({ length: 30 }, (_, k) => k / 32) });
    const parts = split(echoStateValues(description, shape, 1), shape);
    // 4,000 and 3,000 draws: five standard deviations are 5.6 % and 6.5 %.
    expect(Math.abs(spread(parts.inputToHidden) / 0.001 - 1)).toBeLessThan(0.056);
    expect(Math.abs(spread(parts.hiddenToOutput) / 0.1 - 1)).toBeLessThan(0.065);
    expect(parts.hiddenBiases.every((bias) => bias === 0)).toBe(true);
    expect([...parts.outputBiases]).toEqual(Array.from({ length: 30 }, (_, k) => k / 32));
    for (let unit = 0; unit < 100; unit++) {
      let incoming = 0;
      for (let from = 0; from < 100; from++) if (parts.hiddenToHidden[from * 100 + unit] !== 0) incoming++;
      expect(incoming).toBe(15);
    }
    expect(Math.abs(spectralRadius(parts.hiddenToHidden, 100) / 1.1 - 1)).toBeLessThan(1e-6);
  });

  it("has the radius and fan-in asked for, at any size and seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(0.5, 1, 1.1, 3),
        fc.nat(1_000_000),
        (hidden, fanIn, radius, seed) => {
          const small = { inputs: 2, hidden, outputs: 1 };
          const { hiddenToHidden } = split(
            echoStateValues(echoState({ inputScale: 1, fanIn, spectralRadius: radius }), small, seed),
            small,
          );
          expect(hiddenToHidden.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0)).toBe(hidden * Math.min(fanIn, hidden));
          expect(Math.abs(spectralRadius(hiddenToHidden, hidden) / radius - 1)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 80 },
    );
  });

  it("has the radius to 1e-6 at the paper's size, by powers of the matrix too", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { hiddenToHidden } = split(echoStateValues(echoState({ inputScale: 0.1 }), shape, seed), shape);
      expect(Math.abs(spectralRadius(hiddenToHidden, 100) / 1.1 - 1)).toBeLessThan(1e-6);
    }
    // |A^(2^k)|_F ^ (2^-k) tends to the radius, whatever modulus is shared by whom: (|A^2k| / |A^k|)^(1 / k) without the constant of the
    // modes in front.
    const { hiddenToHidden } = split(echoStateValues(echoState({ inputScale: 0.1 }), shape, 4), shape);
    let power = Float64Array.from(hiddenToHidden);
    let logarithm = 0;
    for (let k = 0; k < 12; k++) {
      const square = new Float64Array(10_000);
      for (let i = 0; i < 100; i++)
        for (let m = 0; m < 100; m++) for (let j = 0; j < 100; j++) square[i * 100 + j] += power[i * 100 + m] * power[m * 100 + j];
      const norm = Math.sqrt(square.reduce((sum, value) => sum + value * value, 0));
      power = square.map((value) => value / norm);
      logarithm = 2 * logarithm + Math.log(norm);
    }
    expect(Math.abs(Math.exp(logarithm / 2 ** 12) / 1.1 - 1)).toBeLessThan(1e-3);
  });

  it("draws each matrix from its own stream, and prefers its own seed", () => {
    const description = echoState({ inputScale: 0.1 });
    const wide = { ...shape, inputs: 7, outputs: 3 };
    const a = split(echoStateValues(description, shape, 1), shape);
    const b = split(echoStateValues(description, wide, 1), wide);
    expect(b.hiddenToHidden).toEqual(a.hiddenToHidden);
    expect(b.inputToHidden).toEqual(a.inputToHidden.slice(0, 700));
    expect(echoStateValues(echoState({ inputScale: 0.1, seed: 2 }), shape, 1)).toEqual(echoStateValues(description, shape, 2));
    expect(echoStateValues(description, shape, 1)).not.toEqual(echoStateValues(description, shape, 2));
    expect(a.outputBiases.every((bias) => bias === 0)).toBe(true);
  });

  it("is plain data with defaults filled in", () => {
    const description = echoState({ inputScale: 0.1, outputBiases: Float32Array.of(0.5) });
    expect(description).toEqual({
      method: "echoState",
      fanIn: 15,
      spectralRadius: 1.1,
      inputScale: 0.1,
      outputScale: 0.1,
      outputBiases: [0.5],
    });
    expect(checkInitialization("initialization", JSON.parse(JSON.stringify(description)))).toEqual(description);
  });

  it("refuses bad options", () => {
    const bad = [{}, { inputScale: 0 }, { inputScale: 1, spectralRadius: 0 }, { inputScale: 1, fanIn: 0 }, { inputScale: 1, radius: 2 }];
    for (const options of [...bad, { inputScale: 1, outputBiases: 3 }, { inputScale: 1, outputBiases: [NaN] }]) {
      expect(() => echoState(options as { inputScale: number })).toThrow(InvalidOptionError);
    }
    expect(() => echoStateValues(dense(), shape, 1)).toThrow(InvalidOptionError);
    expect(() => echoStateValues(echoState({ inputScale: 1, outputBiases: [1, 2] }), shape, 1)).toThrow(ShapeError);
    expect(() => echoStateValues(echoState({ inputScale: 1 }), shape, 0.5)).toThrow(InvalidOptionError);
  });

  it.each(["inputScale", "spectralRadius", "outputScale"])(
    "refuses a %s that f32 cannot hold by that name, and a description's too",
    (name) => {
      for (const value of [1e300, 1e31, 1e-31, 1e-300, -1, 0, Infinity, NaN]) {
        const sentence = `.${name} is ${value}; `;
        const allowed = `.${name} must be a finite number from 1e-30 to 1e30`;
        expect(() => echoState({ inputScale: 1, [name]: value })).toThrow(`echoState${sentence}echoState${allowed}`);
        expect(() => checkInitialization("initialization", { method: "echoState", inputScale: 1, [name]: value })).toThrow(
          `initialization${sentence}initialization${allowed}`,
        );
      }
    },
  );

  it("refuses biases that f32 cannot hold, by the one that is wrong", () => {
    expect(() => echoState({ inputScale: 1, outputBiases: [0, 1e300] })).toThrow(
      "echoState.outputBiases[1] is 1e+300; echoState.outputBiases[1] must be a finite number from -1e30 to 1e30",
    );
    expect(() => echoState({ inputScale: 1, outputBiases: Float64Array.of(-1e31) })).toThrow("echoState.outputBiases[0] is -1e+31; ");
  });

  it.each([1e-30, 1e30])("makes parameters that f32 holds with everything at %d", (value) => {
    const outputBiases = Array.from({ length: 30 }, () => -value);
    const { hiddenBiases, ...parts } = split(
      echoStateValues(echoState({ inputScale: value, spectralRadius: value, outputScale: value, outputBiases }), shape, 1),
      shape,
    );
    for (const values of Object.values(parts)) {
      expect(values.every(Number.isFinite)).toBe(true);
      expect(values.some((entry) => entry !== 0)).toBe(true);
    }
    expect(parts.hiddenToHidden.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0)).toBe(1500);
    expect(hiddenBiases).toEqual(new Float32Array(100));
  });
});
