import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "#internal/errors";
import { checkInitialization } from "#internal/initialize/check";
import { dense } from "#internal/initialize/dense";
import { initialValues } from "#internal/initialize/initialValues";
import { sparse } from "#internal/initialize/sparse";
import type { Initialization, LayerShape } from "#internal/initialize/types";

type Activation = LayerShape["activation"];

function layers(sizes: number[], activations: Activation[]): LayerShape[] {
  return activations.map((activation, l) => ({
    inputs: sizes[l],
    outputs: sizes[l + 1],
    activation,
    inputActivation: l === 0 ? "data" : activations[l - 1],
  }));
}

/** Weights and biases of each layer, cut from the flat vector. */
function split(values: Float32Array, shapes: LayerShape[]): { weights: Float32Array; biases: Float32Array }[] {
  let offset = 0;
  const parts = shapes.map(({ inputs, outputs }) => {
    const weights = values.subarray(offset, offset + inputs * outputs);
    const biases = values.subarray(offset + weights.length, offset + weights.length + outputs);
    offset += weights.length + outputs;
    return { weights, biases };
  });
  expect(offset).toBe(values.length);
  return parts;
}

const spread = (values: Iterable<number>): number => {
  const kept = [...values].filter((value) => value !== 0);
  return Math.sqrt(kept.reduce((sum, value) => sum + value * value, 0) / kept.length);
};

describe("sparse", () => {
  const curvesLayers = layers([784, 400, 25, 6, 25, 784], ["logistic", "logistic", "linear", "logistic", "logistic"]);

  it("gives every unit min(15, inputs) incoming weights from N(0, 1), and no biases", () => {
    const parts = split(initialValues(sparse(), curvesLayers, 1), curvesLayers);
    parts.forEach(({ weights, biases }, l) => {
      const { inputs, outputs } = curvesLayers[l];
      for (let unit = 0; unit < outputs; unit++) {
        let incoming = 0;
        for (let i = 0; i < inputs; i++) if (weights[i * outputs + unit] !== 0) incoming++;
        expect(incoming).toBe(Math.min(15, inputs));
      }
      expect(biases.every((bias) => bias === 0)).toBe(true);
    });
    // 6,000 and 11,760 draws: five standard deviations are 0.046 and 0.033.
    expect(Math.abs(spread(parts[0].weights) - 1)).toBeLessThan(0.05);
    expect(Math.abs(spread(parts[4].weights) - 1)).toBeLessThan(0.035);
  });

  it("chooses every input equally often", () => {
    const shape = layers([40, 8000], ["logistic"]);
    const { weights } = split(initialValues(sparse({ fanIn: 10 }), shape, 3), shape)[0];
    for (let i = 0; i < 40; i++) {
      const used = weights.subarray(i * 8000, (i + 1) * 8000).reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
      expect(Math.abs(used - 2000)).toBeLessThan(200);
    }
  });

  it("scales weights and nothing else", () => {
    const shape = layers([30, 20, 10], ["tanh", "logistic"]);
    const one = initialValues(sparse(), shape, 5);
    const four = initialValues(sparse({ scale: 4 }), shape, 5);
    split(one, shape).forEach(({ weights, biases }, l) => {
      const other = split(four, shape)[l];
      expect([...other.weights]).toEqual([...weights].map((weight) => 4 * weight));
      expect(other.biases).toEqual(biases);
    });
  });

  it("halves weights for each tanh side, and starts tanh units at a bias of 0.5", () => {
    const plain = layers([30, 20, 20, 10], ["logistic", "logistic", "linear"]);
    const tanh = layers([30, 20, 20, 10], ["tanh", "tanh", "linear"]);
    const before = split(initialValues(sparse(), plain, 7), plain);
    const after = split(initialValues(sparse(), tanh, 7), tanh);
    [0.5, 0.25, 0.5].forEach((factor, l) => {
      expect([...after[l].weights]).toEqual([...before[l].weights].map((weight) => factor * weight));
    });
    [0.5, 0.5, 0].forEach((bias, l) => expect(after[l].biases.every((value) => value === bias)).toBe(true));
    const given = split(initialValues(sparse({ biases: -0.25 }), tanh, 7), tanh);
    for (const { biases } of given) expect(biases.every((value) => value === -0.25)).toBe(true);
  });

  it("draws each layer from its own stream", () => {
    const small = layers([30, 20, 10], ["logistic", "logistic"]);
    const large = layers([99, 20, 10], ["logistic", "logistic"]);
    expect(split(initialValues(sparse(), small, 1), small)[1]).toEqual(split(initialValues(sparse(), large, 1), large)[1]);
  });

  it("prefers the description's own seed", () => {
    const shape = layers([30, 20], ["logistic"]);
    expect(initialValues(sparse({ seed: 2 }), shape, 1)).toEqual(initialValues(sparse(), shape, 2));
    expect(initialValues(sparse(), shape, 1)).not.toEqual(initialValues(sparse(), shape, 2));
  });

  it("has pinned values", () => {
    const shape = layers([3, 2], ["logistic"]);
    expect([...initialValues(sparse({ fanIn: 2 }), shape, 1)]).toEqual([
      0, 1.4851417541503906, 0.566465437412262, 0, 1.400233507156372, 0.6489074230194092, 0, 0,
    ]);
  });
});

describe("dense", () => {
  it("draws Gaussian weights", () => {
    const shape = layers([100, 100], ["linear"]);
    const [{ weights, biases }] = split(initialValues(dense({ scale: 0.5, biases: 1 }), shape, 1), shape);
    expect(Math.abs(spread(weights) - 0.5)).toBeLessThan(0.02);
    expect(weights.every((weight) => weight !== 0)).toBe(true);
    expect(biases.every((bias) => bias === 1)).toBe(true);
  });

  it("draws He's weights, whose variance is 2 over the inputs", () => {
    const shape = layers([400, 100, 30], ["relu", "linear"]);
    const [first, second] = split(initialValues(dense({ scale: "he" }), shape, 1), shape);
    expect(Math.abs(spread(first.weights) / Math.sqrt(2 / 400) - 1)).toBeLessThan(0.02);
    expect(Math.abs(spread(second.weights) / Math.sqrt(2 / 100) - 1)).toBeLessThan(0.04);
    for (const scale of ["He", "", "glorot"]) expect(() => dense({ scale } as object)).toThrow(/dense\.scale is .*"he"/);
    expect(() => dense({ distribution: "glorot", scale: "he" })).toThrow(/dense\.scale is "he".*gaussian/);
  });

  it("draws Glorot's uniform weights", () => {
    const shape = layers([100, 50], ["linear"]);
    const [{ weights, biases }] = split(initialValues(dense({ distribution: "glorot" }), shape, 1), shape);
    const bound = Math.sqrt(6 / 150);
    expect(Math.max(...weights)).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.max(...weights)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...weights)).toBeLessThan(-0.99 * bound);
    expect(Math.abs(spread(weights) - bound / Math.sqrt(3))).toBeLessThan(0.01 * bound);
    expect(biases.every((bias) => bias === 0)).toBe(true);
  });
});

describe("descriptions", () => {
  it("are plain data with defaults filled in", () => {
    expect(sparse()).toEqual({ method: "sparse", fanIn: 15, scale: 1 });
    expect(dense()).toEqual({ method: "dense", distribution: "gaussian", scale: 0.1, biases: 0 });
    expect(dense({ distribution: "glorot", seed: 4 })).toEqual({ method: "dense", distribution: "glorot", scale: 1, biases: 0, seed: 4 });
    for (const description of [sparse({ seed: 0, biases: 1 }), dense()]) {
      expect(checkInitialization("initialization", JSON.parse(JSON.stringify(description)))).toEqual(description);
    }
  });

  it("are refused when wrong, by name", () => {
    const option = (action: () => unknown): string => {
      try {
        action();
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionError);
        return (error as InvalidOptionError).option;
      }
      return "nothing was thrown";
    };
    expect(option(() => sparse({ fanIn: 0 }))).toBe("sparse.fanIn");
    expect(option(() => sparse({ scale: -1 }))).toBe("sparse.scale");
    expect(option(() => sparse({ biases: NaN }))).toBe("sparse.biases");
    expect(option(() => sparse({ fanin: 3 } as object))).toBe("sparse.fanin");
    expect(option(() => sparse({ seed: 1.5 }))).toBe("sparse.seed");
    expect(option(() => dense({ distribution: "he" as "glorot" }))).toBe("dense.distribution");
    expect(option(() => dense({ scale: 0 }))).toBe("dense.scale");
    expect(option(() => checkInitialization("initialization", { method: "SI" }))).toBe("initialization.method");
    expect(option(() => checkInitialization("initialization", { method: "sparse", fanIn: "15" }))).toBe("initialization.fanIn");
    const shape = layers([3, 2], ["logistic"]);
    expect(option(() => initialValues({ method: "echoState", inputScale: 1 } as Initialization, shape, 1))).toBe("initialization.method");
    expect(option(() => initialValues(sparse(), shape, -1))).toBe("seed");
  });
});
