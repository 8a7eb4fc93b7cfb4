import { readFile } from "node:fs/promises";
import vm from "node:vm";
import * as heavyball from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure, refusal } from "../support/failures.js";
import { makePair, randomBatch, sameBits } from "../support/networks.js";
import { expectTaken } from "../support/otherRealm.js";
import { secondCopy } from "../support/secondCopy.js";

const SHAPE = heavyball.feedForward({ sizes: [3, 4, 2], activations: ["tanh", "linear"] });
const dist = new URL("../../dist/", import.meta.url);

describe("values of another context, as jest, jsdom and vm make them", () => {
  const context = vm.createContext({ structuredClone: undefined });
  /** Rebuilds a value out of the context's own constructors. */
  const carry = vm.runInContext(
    `(function carry(value) {
      if (typeof value === "object" && value !== null && "BYTES_PER_ELEMENT" in value) {
        return new ({ Float32Array, Float64Array, Uint8Array })[value.constructor.name](value);
      }
      if (value && typeof value === "object" && "length" in value) return Array.from(value, carry);
      if (typeof value !== "object" || value === null) return value;
      const copy = {};
      for (const key of Object.keys(value)) copy[key] = carry(value[key]);
      return copy;
    })`,
    context,
  ) as <T>(value: T) => T;

  it("are of other classes", () => {
    expect(carry(new Float32Array(2))).not.toBeInstanceOf(Float32Array);
    expect(carry({})).not.toBeInstanceOf(Object);
  });

  it("are taken as what they are", () => expectTaken(carry));

  it("are kernels too: bytes, their buffer, a compiled module", async () => {
    const bytes = await readFile(new URL("wasm/simd.wasm", dist));
    const foreign = carry(new Uint8Array(bytes));
    const module = vm.runInContext("(bytes) => new WebAssembly.Module(bytes)", context) as (bytes: Uint8Array) => WebAssembly.Module;
    for (const wasm of [foreign, foreign.buffer as ArrayBuffer]) await (await heavyball.createRuntime({ threads: 1, wasm })).dispose();
    const compiled = module(await readFile(new URL("wasm/simd.wasm", dist)).then((file) => new Uint8Array(file)));
    expect(compiled).not.toBeInstanceOf(WebAssembly.Module);
    // As the main realm's own is: a module is taken as it is compiled, and this one imports private memory.
    const own = await heavyball.createRuntime({ threads: 1, wasm: await WebAssembly.compile(bytes) }).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(
      await heavyball.createRuntime({ threads: 1, wasm: compiled }).then(
        () => "taken",
        (error: Error) => error.message,
      ),
    ).toBe(own);
  });

  it("are still refused for what they are not", () => {
    expect(refusal(() => heavyball.saveModel(carry({}) as never)).option).toBe("network");
    expect(refusal(() => heavyball.conjugateGradient((v, out) => out.set(v), carry(["1"]) as never)).option).toBe("b[0]");
  });
});

describe("a second copy of the library", () => {
  let copy: Awaited<ReturnType<typeof secondCopy>>;
  let runtime: heavyball.Runtime;
  let foreign: heavyball.Runtime;
  beforeAll(async () => {
    copy = await secondCopy();
    runtime = await heavyball.createRuntime({ threads: 1 });
    foreign = await copy.heavyball.createRuntime({ threads: 1 });
  });
  afterAll(async () => {
    await runtime.dispose();
    await foreign.dispose();
    await copy.release();
  });

  it("is one: other classes", () => {
    expect(copy.heavyball.InvalidOptionError).not.toBe(heavyball.InvalidOptionError);
    expect(foreign).not.toBeInstanceOf((runtime as object).constructor);
  });

  it("makes networks that this one saves and copies, and runtimes that this one loads into", () => {
    const { network } = makePair(foreign, SHAPE);
    const bytes = heavyball.saveModel(network);
    expect(bytes).toEqual(copy.heavyball.saveModel(network));
    const loaded = heavyball.loadModel(runtime, bytes);
    const back = heavyball.loadModel(foreign, bytes);
    const other = runtime.network(SHAPE);
    other.copyParametersFrom(network);
    for (const made of [loaded, back, other]) expect(sameBits(made.getParameters(), network.getParameters())).toBe(true);
    for (const made of [network, loaded, back, other]) made.dispose();
  });

  it("makes networks that this one's runtime trains nothing on, and says why and what helps", () => {
    const { network } = makePair(foreign, SHAPE);
    const error = refusal(() => runtime.optimizer(network, heavyball.sgd({ learningRate: 0.1 })));
    expect(error.message).toBe(
      'network is "a network of another copy of heavyball"; network must be a network made by this runtime: two copies of the ' +
        "library are loaded; let the bundler or npm dedupe them, so that everything imports one",
    );
    // Descriptions are plain data, whoever made them.
    expect(foreign.optimizer(network, heavyball.sgd({ learningRate: 0.1 })).step(randomBatch(SHAPE, 3)).update).toBe(0);
    network.dispose();
  });

  it("throws errors that carry the same codes", () => {
    const error = failure(() => heavyball.sgd({ learningRate: -1 }));
    expect(() => copy.heavyball.sgd({ learningRate: -1 })).toThrow(
      expect.objectContaining({ code: error.code, message: error.message }) as Error,
    );
  });
});
