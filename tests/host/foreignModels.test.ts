import { createRuntime, FormatError, feedForward, InvalidOptionError, loadModel, type Runtime, recurrent } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "#internal/formats/safetensors";
import { failure } from "../support/failures.js";
import { writeHeaded } from "../support/safetensorsFile.js";

const DESCRIPTION = feedForward({ sizes: [3, 2, 4], activations: ["tanh", "softmax"] });
/** As PyTorch keeps a Linear: outputs x inputs. */
const WEIGHTS = [
  [1, 2, 3],
  [4, 5, 6],
];

/** The bits of numbers that half precision holds exactly, by its definition: sign, exponent, fraction. */
function halfBits(value: number): number {
  if (value === 0) return Object.is(value, -0) ? 0x8000 : 0;
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  for (let exponent = 1; exponent < 31; exponent++) {
    const fraction = (size / 2 ** (exponent - 15) - 1) * 1024;
    if (fraction >= 0 && fraction < 1024) return sign | (exponent << 10) | fraction;
  }
  return sign | (size / 2 ** -24);
}

const bytesOf = (numbers: Uint16Array | Float32Array | Float64Array | BigInt64Array) => new Uint8Array(numbers.buffer.slice(0));
const single = (...values: number[]) => bytesOf(Float32Array.from(values));

describe("safetensors of others", () => {
  it("in half precision give the same numbers: all 65,536", () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const { tensors } = readSafetensors(writeHeaded([{ name: "all", dtype: "F16", shape: [65_536], bytes: bytesOf(bits) }]));
    const [{ data }] = tensors;
    expect(data).toBeInstanceOf(Float32Array);
    for (let i = 0; i < 65_536; i++) {
      const value = data[i];
      if ((i & 0x7c00) === 0x7c00)
        expect((i & 0x3ff) === 0 ? value : Number.isNaN(value)).toBe((i & 0x3ff) === 0 ? (i > 0x8000 ? -1 : 1) / 0 : true);
      else if (halfBits(value) !== i) expect(halfBits(value), String(value)).toBe(i);
    }
    expect(data[1]).toBe(2 ** -24);
    expect(data[0x3ff]).toBe(1023 * 2 ** -24);
    expect(data[0x7bff]).toBe(65_504);
  });

  it("in bfloat16 give the upper halves of singles", () => {
    const bits = Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001, 0x4049);
    const { tensors } = readSafetensors(writeHeaded([{ name: "some", dtype: "BF16", shape: [5], bytes: bytesOf(bits) }]));
    expect(Array.from(tensors[0].data)).toEqual([1, -3, Infinity, 2 ** -133, 3.140625]);
  });

  it("with other elements are refused, unless they may be there", () => {
    const counter = { name: "steps", dtype: "I64", shape: [1], bytes: bytesOf(BigInt64Array.of(7n)) };
    const file = writeHeaded([counter, { name: "w", dtype: "F32", shape: [2], bytes: single(1, 2) }]);
    expect(() => readSafetensors(file)).toThrow(/dtype "F32", "F64", "F16" or "BF16" for tensor "steps", found "I64"/);
    expect(readSafetensors(file, "x", { otherTypes: true }).tensors).toEqual([{ name: "w", shape: [2], data: Float32Array.of(1, 2) }]);
    // Their places must be in order all the same.
    expect(() => readSafetensors(file.subarray(0, file.length - 1), "x", { otherTypes: true })).toThrow(FormatError);
  });

  describe("as models", () => {
    let runtime: Runtime;
    beforeAll(async () => {
      runtime = await createRuntime({ threads: 1 });
    });
    afterAll(() => runtime.dispose());

    const state = (dtype = "F32", make: (...values: number[]) => Uint8Array = single) =>
      writeHeaded([
        { name: "0.weight", dtype, shape: [2, 3], bytes: make(...WEIGHTS.flat()) },
        { name: "0.bias", dtype, shape: [2], bytes: make(7, 8) },
        { name: "2.weight", dtype, shape: [4, 2], bytes: make(1, 0, 0, 1, -1, 0, 0, -1) },
        { name: "2.bias", dtype, shape: [4], bytes: make(0.5, -0.5, 0, 2) },
      ]);
    const names = {
      "layer1.weights": { name: "0.weight", transposed: true },
      "layer1.biases": "0.bias",
      "layer2.weights": { name: "2.weight", transposed: true },
      "layer2.biases": { name: "2.bias" },
    };
    const expected = [1, 4, 2, 5, 3, 6, 7, 8, 1, 0, -1, 0, 0, 1, 0, -1, 0.5, -0.5, 0, 2];

    it.each<[string, (...values: number[]) => Uint8Array]>([
      ["F32", single],
      ["F64", (...values) => bytesOf(Float64Array.from(values))],
      ["F16", (...values) => bytesOf(Uint16Array.from(values, halfBits))],
      ["BF16", (...values) => bytesOf(Uint16Array.from(values, (value) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16))],
    ])("load by a description and names, in %s", (dtype, make) => {
      const network = loadModel(runtime, state(dtype, make), { description: DESCRIPTION, names });
      expect(Array.from(network.getParameters())).toEqual(expected);
      network.dispose();
    });

    it.each<[string, string, Uint8Array, number, RegExp]>([
      ["NaN in F32", "F32", single(1, NaN, 3, 4, 5, 6), 4, /found NaN \(F32\)$/],
      ["infinity in F16", "F16", bytesOf(Uint16Array.of(0, 0, 0, 0, 0xfc00, 0)), 8, /found -Infinity \(F16\)$/],
      ["NaN in BF16", "BF16", bytesOf(Uint16Array.of(0, 0, 0x7fc0, 0, 0, 0)), 4, /found NaN \(BF16\)$/],
      ["what F32 cannot hold", "F64", bytesOf(Float64Array.of(1, 1e300, 0, 0, 0, 0)), 8, /found 1e\+300 \(F64\), which F32 cannot hold$/],
    ])("with %s are refused by file, tensor and number", (_what, dtype, bytes, within, found) => {
      const linear = feedForward({ sizes: [3, 2] });
      const file = writeHeaded([
        { name: "steps", dtype: "I64", shape: [1], bytes: bytesOf(BigInt64Array.of(7n)) },
        { name: "b", dtype: "F32", shape: [2], bytes: single(7, 8) },
        { name: "w", dtype, shape: [2, 3], bytes },
      ]);
      const given = { "layer1.weights": { name: "w", transposed: true }, "layer1.biases": "b" };
      const error = failure(() => loadModel(runtime, file, { description: linear, names: given, extra: true }));
      expect(error).toMatchObject({ code: "FORMAT", file: "model", offset: file.length - bytes.length + within });
      expect(error.message).toMatch(/^model: at byte \d+, expected a finite number in tensor "w", /);
      expect(error.message).toMatch(found);
    });

    it("load a recurrent network's", () => {
      const description = recurrent({ inputs: 2, hidden: 2, outputs: 1 });
      const file = writeHeaded([
        { name: "rnn.weight_ih_l0", dtype: "F32", shape: [2, 2], bytes: single(1, 2, 3, 4) },
        { name: "rnn.weight_hh_l0", dtype: "F32", shape: [2, 2], bytes: single(5, 6, 7, 8) },
        { name: "rnn.bias_ih_l0", dtype: "F32", shape: [2], bytes: single(9, 10) },
        { name: "rnn.bias_hh_l0", dtype: "F32", shape: [2], bytes: single(0, 0) },
        { name: "out.weight", dtype: "F32", shape: [1, 2], bytes: single(11, 12) },
        { name: "out.bias", dtype: "F32", shape: [1], bytes: single(13) },
      ]);
      const network = loadModel(runtime, file, {
        description,
        extra: true,
        names: {
          inputToHidden: { name: "rnn.weight_ih_l0", transposed: true },
          hiddenToHidden: { name: "rnn.weight_hh_l0", transposed: true },
          hiddenBiases: "rnn.bias_ih_l0",
          hiddenToOutput: { name: "out.weight", transposed: true },
          outputBiases: "out.bias",
        },
      });
      expect(Array.from(network.getParameters())).toEqual([1, 3, 2, 4, 5, 7, 6, 8, 9, 10, 11, 12, 13]);
      network.dispose();
    });

    it("with tensors that nothing takes are refused by name, unless they may be there", () => {
      const { "layer2.biases": _, ...others } = names;
      const file = state();
      const twice = { ...others, "layer2.biases": "0.bias" };
      expect(() => loadModel(runtime, file, { description: DESCRIPTION, names: twice })).toThrow(/tensor "0.bias" of shape 4, not 2/);
      const smaller = feedForward({ sizes: [3, 2], activations: ["linear"] });
      const first = { "layer1.weights": names["layer1.weights"], "layer1.biases": "0.bias" };
      expect(() => loadModel(runtime, file, { description: smaller, names: first })).toThrow(
        /no tensor that the network does not take, found "2.weight" and 1 more; say \{ extra: true \}/,
      );
      loadModel(runtime, file, { description: smaller, names: first, extra: true }).dispose();
    });

    it("say what is missing", () => {
      const file = state();
      expect(() => loadModel(runtime, file)).toThrow(/"heavyball": this file was not written by saveModel, so say \{ description \}/);
      expect(() => loadModel(runtime, file, { description: DESCRIPTION })).toThrow(
        /a tensor named "layer1.weights", found "0.weight", "0.bias", "2.weight", "2.bias"/,
      );
      const straight = { ...names, "layer1.weights": "0.weight" };
      expect(() => loadModel(runtime, file, { description: DESCRIPTION, names: straight })).toThrow(
        /of shape 3 x 2, not 2 x 3; say in \{ names \} whether it is transposed/,
      );
    });

    it.each<[string, object, string, RegExp]>([
      [
        "a name outside the layout",
        { description: DESCRIPTION, names: { "layer1.weight": "w" } },
        'names["layer1.weight"]',
        /did you mean "layer1.weights"/,
      ],
      ["a source that is none", { names: { "layer1.weights": 3 } }, 'names["layer1.weights"]', /an object/],
      [
        "a source without a name",
        { names: { "layer1.weights": { transposed: true } } },
        'names["layer1.weights"].name',
        /the name of a tensor/,
      ],
      [
        "an unknown key",
        { names: { "layer1.weights": { name: "w", transpose: true } } },
        'names["layer1.weights"].transpose',
        /transposed\?/,
      ],
      ["extra", { extra: "yes" }, "extra", /true or false/],
      ["a description that is none", { description: { kind: "tree" } }, "network.kind", /feedForward/],
      ["another option", { layers: 3 }, "options of loadModel.layers", /left out/],
    ])("refuse options by name: %s", (_name, options, option, allowed) => {
      let error: unknown;
      try {
        loadModel(runtime, state(), options);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ option: expect.stringContaining(option.split(".").at(-1)!), message: expect.stringMatching(allowed) });
    });
  });
});
