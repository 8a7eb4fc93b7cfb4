import fc from "fast-check";
import {
  adam,
  autoencoder,
  createRuntime,
  describeValue,
  echoState,
  feedForward,
  hessianFree,
  loadModel,
  nesterov,
  type Runtime,
  recurrent,
  saveModel,
  schedules,
  sgd,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseBoundedJson } from "#internal/formats/boundedJson";
import { readSafetensors, writeSafetensors } from "#internal/formats/safetensors";
import { checkTrialSpec } from "#internal/trials/spec";
import { endsWell, failure, refusal } from "../support/failures.js";

let runtime: Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1 })));
afterAll(() => runtime.dispose());

/** Anything JSON can say, and what it cannot. Numbers stay small, so that nothing of a size is made that takes long. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    "",
    "all",
    "piecewise",
    -1,
    0,
    1,
    2,
    0.5,
    NaN,
    Infinity,
    1e-50,
    1e39,
    2 ** 53,
    [],
    {},
    [[]],
    { constructor: null },
    { method: "sgd" },
    { schedule: "piecewise", values: [1], at: [] },
  ),
  fc.array(fc.integer({ min: -2, max: 40 }), { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One mutation: at some place within a value, a member is replaced, left out, renamed, doubled or put where it does not belong. */
interface Mutation {
  readonly path: readonly number[];
  readonly kind: "replace" | "remove" | "rename" | "add" | "wrap";
  readonly value: unknown;
}

const mutations = fc.array(
  fc.record<Mutation>({
    path: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom("replace", "remove", "rename", "add", "wrap"),
    value: anything,
  }),
  { minLength: 1, maxLength: 3 },
);

function mutate(value: unknown, { path, kind, value: other }: Mutation): unknown {
  if (typeof value !== "object" || value === null) return kind === "wrap" ? [value] : other;
  const keys = Object.keys(value);
  const [index, ...rest] = path;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  if (keys.length === 0 || kind === "add") return Object.assign(copy, { [`x${keys[0] ?? ""}`]: other });
  const key = keys[index % keys.length];
  if (rest.length > 0 && typeof copy[key] === "object" && copy[key] !== null)
    copy[key] = mutate(copy[key], { path: rest, kind, value: other });
  else if (kind === "replace") copy[key] = other;
  else if (kind === "wrap") copy[key] = [copy[key]];
  else {
    if (kind === "rename") copy[`${key}s`] = copy[key];
    delete copy[key];
  }
  return copy;
}

const SPECS: readonly unknown[] = [
  {
    task: { name: "curves", cases: 300, testCases: 10, seed: 2 },
    initialization: { method: "sparse", fanIn: 15, scale: 1, seed: 3 },
    optimizer: { method: "sgd", learningRate: 0.1, weightDecay: 0 },
    batchSize: 20,
    updates: 50,
    seed: 1,
  },
  {
    task: { name: "memory5", length: 30, scored: "all", hidden: 10 },
    initialization: { method: "echoState", inputScale: 0.1, outputBiases: [0, 0, 0] },
    updates: 20,
    optimizer: {
      method: "nesterov",
      learningRate: { schedule: "piecewise", values: [0.1, { schedule: "inverse", numerator: 1 }], at: [5] },
      momentum: { schedule: "sutskever", max: 0.99, final: { updates: 5, value: 0.9 } },
    },
  },
  {
    task: { name: "addition", length: 20 },
    updates: 9,
    conjugateGradientSteps: 100,
    optimizer: {
      method: "hessianFree",
      variant: "momentum",
      damping: { initial: 1, drop: 0.9 },
      conjugateGradient: { maximum: 10, decay: { schedule: "constant", value: 0.9 } },
      gradientCases: 10,
      curvatureCases: { schedule: "piecewise", values: [5, "gradient"], at: [3] },
    },
  },
];

const DESCRIPTIONS: readonly unknown[] = [
  feedForward({ sizes: [3, 4, 2], activations: ["tanh", "softmax"] }),
  autoencoder({ encoder: [5, 3, 2] }),
  recurrent({ inputs: 2, hidden: 3, outputs: 2, output: "softmax" }),
];

describe("whatever is changed in something that was right", () => {
  it("a trial's spec is taken or refused in a sentence", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SPECS), mutations, (spec, changes) => {
        const changed = changes.reduce(mutate, spec);
        if (endsWell(() => checkTrialSpec(changed))) {
          taken++;
          // What was taken is plain data, and stays what it is.
          const checked = checkTrialSpec(changed);
          expect(checkTrialSpec(JSON.parse(JSON.stringify(checked)))).toEqual(checked);
        }
      }),
      { numRuns: 1500, seed: 1 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  it("a description of a network is taken or refused in a sentence", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DESCRIPTIONS), mutations, (description, changes) => {
        endsWell(() => runtime.network(changes.reduce(mutate, description) as never).dispose());
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it("an optimizer's description is taken or refused in a sentence", () => {
    const network = runtime.network(feedForward({ sizes: [3, 2] }));
    const good = [
      sgd({ learningRate: 0.1 }),
      nesterov({ learningRate: schedules.inverse({ numerator: 3 }), momentum: schedules.sutskever() }),
      hessianFree({ preconditioner: { exponent: 0.5 } }),
      adam({ learningRate: schedules.inverse({ numerator: 3 }), weightDecay: 0.1, decoupled: true }),
    ];
    fc.assert(
      fc.property(fc.constantFrom<unknown>(...good), mutations, (description, changes) => {
        endsWell(() => runtime.optimizer(network, changes.reduce(mutate, description) as never).dispose());
      }),
      { numRuns: 500, seed: 3 },
    );
    network.dispose();
  });

  it("an initialization is taken or refused in a sentence", () => {
    const cells = runtime.network(recurrent({ inputs: 2, hidden: 3, outputs: 2 }));
    const layers = runtime.network(feedForward({ sizes: [3, 2] }));
    fc.assert(
      fc.property(
        fc.constantFrom<unknown>(sparse({ seed: 1 }), echoState({ inputScale: 1, outputBiases: [1, 2] })),
        mutations,
        (description, changes) => {
          const changed = changes.reduce(mutate, description) as never;
          for (const network of [cells, layers]) endsWell(() => network.initialize(changed));
        },
      ),
      { numRuns: 500, seed: 4 },
    );
    cells.dispose();
    layers.dispose();
  });

  it("a batch is taken or refused in a sentence, and so is a state", () => {
    const network = runtime.network(feedForward({ sizes: [3, 2] }));
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const arrays = fc.constantFrom<unknown>(
      new Float32Array(6),
      new Float64Array(6),
      [1, 2],
      null,
      undefined,
      NaN,
      {},
      new Float32Array(0),
      "6",
      2,
      -1,
      1e9,
    );
    fc.assert(
      fc.property(fc.constantFrom("inputs", "targets", "cases", "mask", "steps", "features", "label"), arrays, (member, value) => {
        const batch = { inputs: new Float32Array(6), targets: new Float32Array(4), cases: 2, [member]: value } as never;
        for (const use of [
          () => network.evaluate(batch),
          () => network.predict(batch),
          () => network.gradient(batch),
          () => optimizer.step(batch),
        ])
          endsWell(use);
      }),
      { numRuns: 300, seed: 5 },
    );
    const state = { ...optimizer.getState(), velocity: [...optimizer.getState().velocity] };
    fc.assert(
      fc.property(mutations, (changes) => void endsWell(() => optimizer.setState(changes.reduce(mutate, state as unknown) as never))),
      { numRuns: 200, seed: 6 },
    );
    network.dispose();
  });

  it("a saved model is loaded or refused in a sentence, and takes no memory then", () => {
    const network = runtime.network(feedForward({ sizes: [3, 4, 2] }));
    const content = readSafetensors(saveModel(network));
    const description = JSON.parse(content.metadata.heavyball) as unknown;
    network.dispose();
    fc.assert(
      fc.property(mutations, (changes) => {
        const heavyball = JSON.stringify(changes.reduce(mutate, description)) ?? "undefined";
        const bytes = writeSafetensors({ ...content, metadata: { heavyball } });
        endsWell(() => loadModel(runtime, bytes).dispose());
      }),
      { numRuns: 500, seed: 7 },
    );
    fc.assert(
      fc.property(mutations, (changes) => {
        const header = {
          __metadata__: content.metadata,
          a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
          b: { dtype: "F64", shape: [1], data_offsets: [24, 32] },
        };
        endsWell(() => readSafetensors(withHeader(JSON.stringify(changes.reduce(mutate, header as unknown)) ?? "", new Uint8Array(32))));
      }),
      { numRuns: 500, seed: 8 },
    );
  });
});

function withHeader(text: string, data = new Uint8Array(0)): Uint8Array {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

describe("files of any size", () => {
  const MILLIONS = 10_000_000;

  it.each([
    ["brackets", "[".repeat(MILLIONS)],
    ["objects", '{"a":'.repeat(MILLIONS / 5)],
    ["brackets within an object", `{"a":${"[".repeat(MILLIONS)}`],
    ["brackets that close", `{"a":${"[".repeat(MILLIONS / 2)}${"]".repeat(MILLIONS / 2)}}`],
    ["empty lists", `{"a":{"dtype":"F32","shape":[${"[],".repeat(MILLIONS / 3)}1],"data_offsets":[0,4]}}`],
    ["numbers", `{"a":{"dtype":"F32","shape":[${"1,".repeat(MILLIONS / 2)}1],"data_offsets":[0,4]}}`],
  ])("that hold nothing but %s are refused before they are parsed", (_what, text) => {
    expect(failure(() => readSafetensors(withHeader(text)))).toMatchObject({ code: "FORMAT", offset: 8 });
    expect(failure(() => loadModel(runtime, withHeader(JSON.stringify({ __metadata__: { heavyball: text } }))))).toMatchObject({
      code: "FORMAT",
    });
  });

  it("may nest as deep as other readers allow, and hold brackets in strings", () => {
    const deep = (depth: number): string => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    expect(parseBoundedJson(deep(128))).toHaveProperty("a");
    expect(() => parseBoundedJson(deep(129))).toThrow(SyntaxError);
    expect(parseBoundedJson(JSON.stringify({ text: `\\"${"[{".repeat(1000)}` }))).toEqual({ text: `\\"${"[{".repeat(1000)}` });
    expect(() => parseBoundedJson('"unfinished')).toThrow(SyntaxError);
    fc.assert(
      fc.property(fc.json(), (text) => void expect(parseBoundedJson(text)).toEqual(JSON.parse(text))),
      { numRuns: 300 },
    );
  });

  it("may begin with blanks and have null for metadata, as the reference reads them", () => {
    for (const blanks of ["", " ", "\n\t \r\n", " ".repeat(10_000)]) {
      const content = readSafetensors(
        withHeader(`${blanks}{"__metadata__":null,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} `, new Uint8Array(4)),
      );
      expect(content).toEqual({ metadata: {}, tensors: [{ name: "a", shape: [1], data: new Float32Array(1) }] });
    }
    expect(failure(() => readSafetensors(withHeader(` {"a":3}`)))).toMatchObject({ offset: 10 });
  });

  it("that describe more layers, or larger ones, than they hold take no memory", () => {
    const before = runtime.memory.memory.buffer.byteLength;
    const describing = (description: object): Uint8Array =>
      withHeader(JSON.stringify({ __metadata__: { heavyball: JSON.stringify(description) } }));
    const many = (layers: number) => ({
      kind: "feedForward",
      sizes: new Array<number>(layers + 1).fill(1),
      activations: new Array<string>(layers).fill("linear"),
      loss: "squared",
      autoencoder: false,
    });
    expect(failure(() => loadModel(runtime, describing(many(10_001)))).message).toMatch(/network.sizes is Array\(10002\).*at most 10001/);
    expect(failure(() => loadModel(runtime, describing(many(10_000)))).message).toMatch(/a tensor named "layer1.weights"/);
    expect(
      failure(() =>
        loadModel(runtime, describing({ kind: "recurrent", inputs: 1, hidden: 25_000, outputs: 1, output: "linear", loss: "squared" })),
      ),
    ).toMatchObject({ code: "FORMAT" });
    expect(
      failure(() => loadModel(runtime, describing({ kind: "recurrent", inputs: 1 << 24, hidden: 1 << 24, outputs: 1 << 24 }))),
    ).toMatchObject({ code: "FORMAT" });
    expect(refusal(() => autoencoder({ encoder: new Array<number>(5002).fill(1) })).option).toBe("encoder");
    expect(runtime.memory.memory.buffer.byteLength).toBe(before);
  });
});

describe("sizes that no array has", () => {
  it("are refused with the bytes they would take", () => {
    const wide = runtime.network(feedForward({ sizes: [1, 1 << 20] }));
    const error = failure(() => wide.predict({ inputs: new Float32Array(1 << 14), cases: 1 << 14 }));
    expect(error).toMatchObject({ code: "OUT_OF_MEMORY", bytesNeeded: 2 ** 36 });
    expect(error.message).toBe(
      "what the layer puts out needs 68719476736 bytes, more than this engine gives; use smaller layers or smaller batches, or " +
        "dispose of networks no longer used",
    );
    wide.dispose();
  });
});

describe("schedules within schedules", () => {
  const nested = (depth: number, innermost: unknown): unknown => {
    let schedule = innermost;
    for (let i = 0; i < depth; i++) schedule = { schedule: "piecewise", values: [schedule, innermost], at: [i] };
    return schedule;
  };

  it("go 16 deep, and no deeper", () => {
    sgd({ learningRate: nested(16, 0.1) as never });
    hessianFree({ gradientCases: nested(16, 10) as never });
    for (const depth of [17, 5000, 100_000]) {
      expect(refusal(() => sgd({ learningRate: nested(depth, 0.1) as never })).message).toMatch(/not more than 16 deep/);
      refusal(() => hessianFree({ gradientCases: nested(depth, "all") as never }));
      refusal(() => hessianFree({ lineSearch: nested(depth, true) as never }));
      refusal(() => schedules.piecewise({ values: [nested(depth, 1) as never], at: [] }));
    }
  });
});

describe("describeValue", () => {
  it("spells out short, plain data, and names the rest", () => {
    class Own {}
    const cases: [unknown, string][] = [
      ["text", '"text"'],
      [1n, "1n"],
      [NaN, "NaN"],
      [undefined, "undefined"],
      [null, "null"],
      [Symbol("s"), "Symbol(s)"],
      [[1, "a", [null]], '[1,"a",[null]]'],
      [{ a: 1, b: { c: [] } }, '{"a":1,"b":{"c":[]}}'],
      [new Float32Array(3), "Float32Array(3)"],
      [new DataView(new ArrayBuffer(5)), "DataView(5)"],
      [new Own(), "Own"],
      [function named() {}, "function named"],
      [() => 1, "function"],
      [new Array(41), "Array(41)"],
      [{ constructor: null }, '{"constructor":null}'],
      [Object.create(null), "{}"],
      [{ inputs: new Float32Array(2) }, '{"inputs":Float32Array(2)}'],
    ];
    for (const [value, text] of cases) expect(describeValue(value)).toBe(text);
  });

  it("is short and does not throw, whatever it is given", () => {
    const revoked = Proxy.revocable([], {});
    revoked.revoke();
    const explode = (): never => {
      throw new Error("looked at");
    };
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const hostile = [
      revoked.proxy,
      new Proxy({}, { get: explode }),
      new Proxy({}, { ownKeys: explode }),
      new Proxy(function () {}, { get: explode }),
      {
        get a(): never {
          return explode();
        },
      },
      cycle,
      { constructor: { name: "x".repeat(1e6) } },
      { constructor: Object.assign(() => 1, { toString: explode }) },
      { ["k".repeat(1e6)]: 1 },
      Array.from({ length: 40 }, () => "x".repeat(1e6)),
      { toJSON: explode },
      Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`k${i}`, i])),
      Object.defineProperty(new Float32Array(1), "constructor", { get: explode }),
    ];
    for (const value of hostile) expect(describeValue(value).length).toBeLessThanOrEqual(80);
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withObjectString: true,
          withSparseArray: true,
          withTypedArray: true,
        }),
        (value) => void expect(describeValue(value).length).toBeLessThanOrEqual(80),
      ),
      { numRuns: 500 },
    );
  });
});
