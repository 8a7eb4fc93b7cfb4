import {
  adam,
  addition,
  type Batch,
  conjugateGradient,
  createRuntime,
  type FeedForwardNetwork,
  feedForward,
  hessianFree,
  memory5,
  minimize,
  nesterov,
  quadratic,
  type Runtime,
  recurrent,
  saveModel,
  schedules,
  scheduleValue,
  sgd,
  sparse,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILDERS } from "../support/builders.js";
import { endsWell, failure, refusal } from "../support/failures.js";
import { makePair, randomBatch, sameBits } from "../support/networks.js";
import { joined } from "../support/patterns.js";

const SHAPE = feedForward({ sizes: [3, 4, 2], activations: ["tanh", "linear"] });

let runtime: Runtime;
let network: FeedForwardNetwork;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
  ({ network } = makePair(runtime, SHAPE));
});
afterAll(() => runtime.dispose());

/** Calls with whatever was typed, as JavaScript lets one. */
const loose = <T>(value: unknown): T => value as T;

/** A function of the network's for each way a batch comes in. */
const withBatch = (): [string, (batch: Batch) => unknown][] => [
  ["evaluate", (batch) => network.evaluate(batch)],
  ["gradient", (batch) => network.gradient(batch)],
  ["predict", (batch) => network.predict(batch)],
  ["activations", (batch) => network.activations(batch, 1)],
  ["gaussNewtonProduct", (batch) => network.gaussNewtonProduct(new Float32Array(network.parameterCount), batch)],
  ["squaredGradient", (batch) => network.squaredGradient(batch)],
  ["step", (batch) => runtime.optimizer(network, sgd({ learningRate: 0.1 })).step(batch)],
  ["step of hessianFree", (batch) => runtime.optimizer(network, hessianFree()).step(batch)],
];

describe("every option of every builder", () => {
  it.each(BUILDERS.map((builder) => [builder.name, builder] as const))(
    "%s takes good options, and undefined for what is left out",
    (_name, { make, options }) => {
      make(loose(options));
      for (const name of Object.keys(options)) {
        // What has a default takes it; what has none is refused by name.
        const called = () => make(loose({ ...options, [name]: undefined }));
        if (!endsWell(called)) expect(failure(called).message, name).toMatch(new RegExp(`${name}|method`));
      }
    },
  );

  it.each(BUILDERS.map((builder) => [builder.name, builder] as const))("%s refuses null, by name", (_name, { make, options }) => {
    for (const name of Object.keys(options)) {
      const error = failure(() => make(loose({ ...options, [name]: null })), name);
      expect(error.message, name).toMatch(/ is null[;\s]/);
      expect(error.message, name).toContain(name);
    }
    refusal(() => make(loose(null)));
  });

  it.each(BUILDERS.map((builder) => [builder.name, builder] as const))(
    "%s refuses a misspelled option and names the nearest",
    (_name, { make, options }) => {
      for (const name of Object.keys(options)) {
        const misspelled = `${name[0]}${name}`;
        const { option, message } = refusal(() => make(loose({ ...options, [misspelled]: options[name] })), misspelled);
        expect(option).toMatch(new RegExp(`\\.${misspelled}$`));
        expect(message).toMatch(new RegExp(`knows .*\\b${name}\\b.*; did you mean ${name}\\?$`));
      }
      expect(refusal(() => make(loose({ ...options, zzzzzzzz: 1 }))).message).not.toMatch(/did you mean/);
      expect(refusal(() => make(loose({ ...options, ["k".repeat(100_000)]: 1 }))).message.length).toBeLessThan(600);
    },
  );

  it.each(BUILDERS.map((builder) => [builder.name, builder] as const))("%s survives whatever an option is", (_name, { make, options }) => {
    for (const name of Object.keys(options))
      for (const value of hostileValues()) endsWell(() => make(loose({ ...options, [name]: value })));
    for (const value of hostileValues()) endsWell(() => make(loose(value)));
  });
});

/** Things nobody expects; each time new. */
function hostileValues(): unknown[] {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const thrower = new Proxy({}, { get: () => fail("get"), ownKeys: () => fail("ownKeys"), getPrototypeOf: () => fail("getPrototypeOf") });
  const cycle: unknown[] = [];
  cycle.push(cycle);
  let deep: unknown = 1;
  for (let i = 0; i < 5000; i++) deep = { schedule: "piecewise", values: [deep], at: [] };
  let nested: unknown = [];
  for (let i = 0; i < 5000; i++) nested = [nested];
  return [
    null,
    true,
    "",
    "x".repeat(1e5),
    NaN,
    -Infinity,
    -1,
    1e300,
    1n,
    Symbol("s"),
    () => 1,
    [],
    [null],
    new Array(1e6),
    cycle,
    deep,
    nested,
    {},
    { constructor: null },
    { constructor: { name: null } },
    { constructor: undefined, toJSON: () => fail("toJSON") },
    Object.create(null),
    {
      get [Symbol.toStringTag](): string {
        return fail("tag");
      },
    },
    Object.assign(Object.create(null), { constructor: null, schedule: "constant" }),
    new Date(NaN),
    new Map(),
    new DataView(new ArrayBuffer(8)),
    new BigInt64Array(2),
    new Float64Array(0),
    revoked.proxy,
    thrower,
    new Proxy([], { get: () => null }),
    new Proxy(() => 1, {}),
    Promise.resolve(1),
    { schedule: null },
    { schedule: "piecewise", values: null, at: null },
    { schedule: "piecewise", values: [{ constructor: null }], at: [] },
    { method: { constructor: null } },
    { length: 3 },
    new String("sgd"),
  ];
}

/**
 * What a hostile object does when it is looked at. Its error is its own, and typed, so that it cannot be taken for a bare one of the
 * library's.
 */
function fail(what: string): never {
  throw new UnsupportedError(what);
}

describe("batches", () => {
  it("know their members, at every entrance, and name the nearest", () => {
    const { targets, ...rest } = randomBatch(SHAPE, 5);
    for (const [name, use] of withBatch()) {
      const { option, message } = refusal(() => use(loose({ ...rest, target: targets })), name);
      expect(option, name).toBe("batch.target");
      expect(message, name).toBe(
        "batch.target is Float32Array(10); batch.target must be left out: batch knows inputs, targets, mask, cases, steps, features; " +
          "did you mean targets?",
      );
      expect(refusal(() => use(loose({ ...rest, targets, labels: targets })), name).option).toBe("batch.labels");
      expect(refusal(() => use(loose({ ...rest, labels: new Uint8Array(5) })), name).option).toBe("batch.labels");
      use(loose({ ...rest, targets, labels: new Uint8Array(5) }));
      expect(refusal(() => use(loose({ ...rest, targets, features: 4 })), name)).toMatchObject({
        option: "batch.features",
        allowed: "3, the inputs of the network, or left out",
      });
      use(loose({ ...rest, targets, features: 3 }));
      for (const member of ["inputs", "targets", "cases", "mask", "steps", "features"])
        expect(refusal(() => use(loose({ ...rest, targets, [member]: null })), name).option).toBe(`batch.${member}`);
    }
    const optimizer = runtime.optimizer(network, hessianFree());
    for (const name of ["curvature", "lineSearch"]) {
      expect(refusal(() => optimizer.step({ ...rest, targets }, { [name]: { ...rest, target: targets } })).option).toBe(
        `options.${name}.target`,
      );
      expect(refusal(() => optimizer.step({ ...rest, targets }, loose({ [name]: null }))).option).toBe(`options.${name}`);
    }
  });

  it("of a class of one's own may have members of their own", () => {
    class Images {
      readonly name = "mine";
      readonly inputs = new Float32Array(6);
      readonly targets = new Float32Array(4);
      readonly cases = 2;
    }
    for (const [, use] of withBatch()) use(new Images());
  });

  it("that went through JSON, or are plain lists, are told how they become batches again", () => {
    const batch = randomBatch(SHAPE, 5);
    const parsed = JSON.parse(JSON.stringify(batch)) as { inputs: Record<string, number>; targets: Record<string, number>; cases: number };
    for (const [name, use] of withBatch()) {
      expect(refusal(() => use(loose(parsed)), name).message).toMatch(
        joined(
          /^batch.inputs is .*; batch.inputs must be a Float32Array: /,
          /this is what JSON makes of one, and Float32Array.from\(Object.values\(it\)\) brings it back$/,
        ),
      );
      expect(refusal(() => use(loose({ ...batch, inputs: [...batch.inputs] })), name).message).toMatch(
        /a Float32Array: Float32Array.from\(list\) makes one$/,
      );
    }
    network.evaluate({
      inputs: Float32Array.from(Object.values(parsed.inputs)),
      targets: Float32Array.from(Object.values(parsed.targets)),
      cases: parsed.cases,
    });
  });

  it("whose buffer was transferred away are told so", () => {
    const batch = randomBatch(SHAPE, 5);
    structuredClone(batch.inputs, { transfer: [batch.inputs.buffer] });
    for (const [name, use] of withBatch())
      expect(refusal(() => use(batch), name)).toMatchObject({
        option: "batch.inputs",
        value: "a Float32Array whose buffer was transferred away",
      });
  });
});

describe("states and parameters", () => {
  it("that went through JSON are told how they become states again, and are the same then", () => {
    for (const description of [nesterov({ learningRate: 0.1, momentum: 0.9 }), hessianFree(), adam()]) {
      const optimizer = runtime.optimizer(network, description);
      optimizer.step(randomBatch(SHAPE, 7));
      const arrays = { hessianFree: ["start"], nesterov: ["velocity"], adam: ["firstMoment", "secondMoment"] }[description.method];
      const state = optimizer.getState() as unknown as Record<string, Float32Array>;
      const parsed = JSON.parse(JSON.stringify(state)) as Record<string, Record<string, number>>;
      const before = optimizer.getState();
      expect(refusal(() => optimizer.setState(loose(parsed))).message).toMatch(
        new RegExp(`^state.${arrays[0]} is .*Float32Array.from\\(Object.values\\(it\\)\\) brings it back$`),
      );
      expect(optimizer.getState()).toEqual(before);
      const back = Object.fromEntries(arrays.map((array) => [array, Float32Array.from(Object.values(parsed[array]))]));
      optimizer.setState(loose({ ...parsed, ...back }));
      expect(optimizer.getState()).toEqual(before);
      optimizer.setState(loose(structuredClone(before)));
      expect(refusal(() => optimizer.setState(loose({ ...before, updates: 3 }))).message).toMatch(/state.updates .*did you mean update\?$/);
      optimizer.dispose();
    }
    expect(refusal(() => network.setParameters(loose(JSON.parse(JSON.stringify(network.getParameters()))))).option).toBe("parameters");
  });

  it("of t are whole numbers", () => {
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    for (const t of [-1, 0.5, NaN, "1", null, undefined]) {
      for (const ask of [
        () => optimizer.rate(loose(t)),
        () => optimizer.momentum(loose(t)),
        () => runtime.optimizer(network, hessianFree()).rate(loose(t)),
        () => runtime.optimizer(network, adam()).momentum(loose(t)),
        () => scheduleValue(0.5, loose(t)),
      ]) {
        expect(refusal(ask, String(t)).option).toBe("t");
      }
    }
    for (const schedule of [null, undefined, {}, [], "0.1", { schedule: "piecewise" }, NaN])
      refusal(() => scheduleValue(loose(schedule), 0));
    expect(scheduleValue(schedules.sutskever({ period: 10 }), 10)).toBe(0.75);
    expect(refusal(() => scheduleValue(loose(0.5), 1, loose(null))).option).toBe("totalUpdates");
    expect(refusal(() => network.initialize(sparse({ seed: 1 }), loose(null))).option).toBe("seed");
  });
});

describe("models", () => {
  it("with parameters that are not finite are not saved", () => {
    const shape = feedForward({ sizes: [2, 1] });
    const diverging = runtime.network(shape);
    diverging.setParameters(Float32Array.of(1, 1, 0));
    const optimizer = runtime.optimizer(diverging, sgd({ learningRate: 3e38 }));
    const batch = { inputs: Float32Array.of(1, 1), targets: Float32Array.of(100), cases: 1 };
    expect(failure(() => optimizer.step(batch)).code).toBe("DIVERGED");
    const error = failure(() => saveModel(diverging));
    expect(error.code).toBe("DIVERGED");
    expect(error.message).toMatch(
      /^diverged: parameters\[0\], in layer1.weights is not finite; there is no model to save: load the last one/,
    );
    diverging.setParameters(Float32Array.of(1, 1, 0));
    expect(saveModel(diverging).length).toBeGreaterThan(12);
    diverging.dispose();
  });
});

describe("functions of the user's", () => {
  const returned = (v: Float64Array): Float64Array => v.map((value) => 2 * value);
  const bowl = quadratic({ eigenvalues: [1, 2] });

  it("that return their result instead of writing it are told to write", () => {
    const cases: [string, () => unknown][] = [
      ["product", () => conjugateGradient(loose(returned), [1, 2])],
      [
        "product",
        () =>
          conjugateGradient(
            loose((v: Float64Array) => [...v]),
            [1, 2],
          ),
      ],
      [
        "product",
        () =>
          conjugateGradient(
            loose(async (v: Float64Array, out: Float64Array) => out.set(await Promise.resolve(v))),
            [1, 2],
          ),
      ],
      ["product", () => conjugateGradient(loose(returned), [1, 2], { start: [1, 1] })],
      ["preconditioner", () => conjugateGradient((v, out) => out.set(v), [1, 2], { preconditioner: loose(returned) })],
      [
        "the value returned by objective.gradient",
        () => minimize({ size: 2, gradient: loose(returned) }, [1, 2], sgd({ learningRate: 0.1 }), { updates: 1 }),
      ],
      [
        "the value returned by objective.gradient",
        () =>
          minimize(
            { size: 2, gradient: loose((_theta: unknown, out: Float64Array) => void out.fill(1)) },
            [1, 2],
            sgd({ learningRate: 0.1 }),
            { updates: 1 },
          ),
      ],
      [
        "objective.gaussNewtonProduct",
        () =>
          minimize({ ...bowl, gaussNewtonProduct: loose((_theta: unknown, v: Float64Array) => returned(v)) }, [1, 2], hessianFree(), {
            updates: 1,
          }),
      ],
      ["objective.squaredGradient", () => minimize({ ...bowl, squaredGradient: loose(returned) }, [1, 2], hessianFree(), { updates: 1 })],
    ];
    for (const [option, call] of cases) {
      const error = refusal(call, option);
      expect(error.option).toBe(option);
      expect(error.message).toMatch(/writes its result into out|write the gradient into out/);
    }
    // What was written counts, whatever is returned.
    expect(
      conjugateGradient(
        loose((v: Float64Array, out: Float64Array) => out.fill(0).map((_, i) => (out[i] = 2 * v[i]))),
        [1, 2],
      ).x,
    ).toEqual(Float64Array.of(0.5, 1));
    expect(conjugateGradient((_v, out) => void out, [1, 2]).reason.message).toMatch(/or its product wrote nothing into out/);
  });

  it("in an object of a class may have company, in a plain one not", () => {
    class Rosenbrock {
      readonly size = 2;
      readonly name = "banana";
      gradient(theta: Float64Array, out: Float64Array): number {
        const [x, y] = theta as unknown as [number, number];
        out[0] = -2 * (1 - x) - 400 * x * (y - x * x);
        out[1] = 200 * (y - x * x);
        return this.square(1 - x) + 100 * this.square(y - x * x);
      }
      square(x: number): number {
        return x * x;
      }
    }
    minimize(new Rosenbrock(), [0, 0], sgd({ learningRate: 1e-4 }), { updates: 2 });
    const { option, message } = refusal(() =>
      minimize(loose({ ...bowl, gaussNewtonProducts: () => undefined }), [1, 1], sgd({ learningRate: 0.1 }), { updates: 1 }),
    );
    expect(option).toBe("objective.gaussNewtonProducts");
    expect(message).toMatch(/did you mean gaussNewtonProduct\?$/);
  });
});

describe("objects in a proxy, as Vue's reactive() makes", () => {
  /** Wraps every object of a class or plain, deeply, as reactive() does; the same proxy for the same object. */
  const proxies = new WeakMap<object, object>();
  function reactive<T extends object>(target: T): T {
    const known = proxies.get(target);
    if (known) return known as T;
    const proxy = new Proxy(target, {
      get(object, key, receiver) {
        const value: unknown = Reflect.get(object, key, receiver);
        const isWrapped =
          typeof value === "object" &&
          value !== null &&
          Object.isExtensible(value) &&
          /^\[object (Object|Array)\]$/.test(Object.prototype.toString.call(value));
        return isWrapped ? reactive(value) : value;
      },
    });
    proxies.set(target, proxy);
    return proxy;
  }

  it.each<[string, (raw: Runtime) => Runtime, <T extends object>(network: T) => T]>([
    ["the network", (raw) => raw, reactive],
    ["the runtime", reactive, (made) => made],
    ["both", reactive, reactive],
  ])("do what they do without: %s", (_what, wrapRuntime, wrapNetwork) => {
    for (const description of [nesterov({ learningRate: 0.1, momentum: 0.9 }), hessianFree({ weightDecay: 0 })]) {
      const plain = makePair(runtime, SHAPE).network;
      const wrappedRuntime = wrapRuntime(runtime);
      const raw = wrappedRuntime.network(SHAPE);
      const wrapped = wrapNetwork(raw);
      wrapped.copyParametersFrom(wrapNetwork(plain));
      const one = runtime.optimizer(plain, description);
      const other = wrapNetwork(wrappedRuntime.optimizer(wrapped, description));
      for (let t = 0; t < 3; t++) expect(other.step(reactive(randomBatch(SHAPE, 6, t)))).toEqual(one.step(randomBatch(SHAPE, 6, t)));
      expect(sameBits(wrapped.getParameters(), plain.getParameters())).toBe(true);
      expect(wrapped.evaluate(randomBatch(SHAPE, 6))).toEqual(plain.evaluate(randomBatch(SHAPE, 6)));
      expect(saveModel(wrapped)).toEqual(saveModel(plain));
      plain.dispose();
      raw.dispose();
    }
  });
});

describe("what a network will take", () => {
  it("is asked with options that are known, not null, and meant for the network", () => {
    const cells = recurrent({ inputs: 2, hidden: 3, outputs: 1 });
    const use = { cases: 4, steps: 2, optimizers: 1, curvatureCases: 0 };
    runtime.estimateMemory(cells, use);
    for (const name of Object.keys(use))
      expect(refusal(() => runtime.estimateMemory(cells, { ...use, [name]: null })).option).toBe(`use.${name}`);
    expect(refusal(() => runtime.estimateMemory(cells, loose({ ...use, curvaturecases: 1 }))).message).toMatch(
      /did you mean curvatureCases\?$/,
    );
    expect(refusal(() => runtime.estimateMemory(SHAPE, use)).option).toBe("use.steps");
  });
});

describe("sequences", () => {
  it("are compared with predictions that are predictions", () => {
    for (const task of [addition({ length: 10 }), memory5({ length: 20 }), memory5({ length: 20, initialHidden: "learned" })]) {
      const batch = task.batch(1, 0, 2);
      const good = new Float32Array(task.steps * 2 * task.outputs);
      expect(Number.isFinite(task.zeroOne(good, batch))).toBe(true);
      for (const bad of [undefined, null, [...good], new Float64Array(good), JSON.parse(JSON.stringify(good)), "0"])
        expect(refusal(() => task.zeroOne(loose(bad), batch)).option).toBe("predictions");
      for (const bad of [undefined, null, [], 3]) expect(refusal(() => task.zeroOne(good, loose(bad))).option).toBe("batch");
      expect(refusal(() => task.zeroOne(good, { ...batch, targets: loose([...batch.targets!]) })).option).toBe("batch.targets");
      expect(refusal(() => task.zeroOne(good, loose({ ...batch, masks: batch.mask }))).message).toMatch(/did you mean mask\?$/);
      expect(failure(() => task.zeroOne(good, { ...batch, targets: batch.targets!.subarray(1) })).code).toBe("SHAPE");
      expect(failure(() => task.zeroOne(good.subarray(1), batch)).code).toBe("SHAPE");
      for (const cases of [null, "2", 0.5]) expect(refusal(() => task.testBatch(1, loose(cases))).option).toBe("cases");
    }
  });

  it("know their members too", () => {
    const cells = runtime.network(recurrent({ inputs: 2, hidden: 3, outputs: 1 }));
    const batch = { inputs: new Float32Array(8), targets: new Float32Array(4), mask: new Float32Array(4).fill(1), cases: 2, steps: 2 };
    for (const use of [
      () => cells.evaluate(loose({ ...batch, step: 2 })),
      () => cells.predict(loose({ ...batch, step: 2 })),
      () => cells.gradient(loose({ ...batch, step: 2 })),
    ]) {
      expect(refusal(use).message).toMatch(/^batch.step is 2;.*did you mean steps\?$/);
    }
    cells.evaluate(batch);
    cells.dispose();
  });
});
