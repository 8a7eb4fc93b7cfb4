import { createRuntime, InvalidOptionError, minimize, type Network, quadratic, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methodNames, methodOf, methods, networkMethodNames, networkMethodOf, type OptimizerDescription } from "#internal/optimizers/index";
import type { Method } from "#internal/optimizers/method";
import { lineStyles } from "#internal/report/plot/palette";
import { failure } from "../support/failures.js";
import { makePair, ODD_AUTOENCODER, randomBatch } from "../support/networks.js";

const all = methodNames.map((name) => [name, methods[name] as unknown as Method<OptimizerDescription>] as const);
const onNetworks = all.filter(([, { network }]) => network !== undefined);
/** What a task suggests to a trial of which only the method is said. */
const suggested = { learningRate: 0.01, momentum: { schedule: "sutskever" } };
/** A description with everything it needs and nothing more. */
const plain = ({ name, network, check }: Method<OptimizerDescription>): OptimizerDescription =>
  check(network?.start(suggested) ?? { method: name });
/** The value at a path such as "optimizer.damping.initial" below `optimizer`. */
const withPart = (parts: readonly string[], value: unknown): Record<string, unknown> =>
  parts.length === 0 ? (value as Record<string, unknown>) : { [parts[0]]: withPart(parts.slice(1), value) };

describe("the registry of methods", () => {
  it("has each under its own name, and tells them apart", () => {
    for (const [name, method] of all) expect(method.name).toBe(name);
    for (const key of ["label", "title", "style"] as const)
      expect(new Set(all.map(([, method]) => method[key])).size, key).toBe(all.length);
    for (const [, { style }] of all) expect(lineStyles[style]).toBeDefined();
    expect(networkMethodNames).toEqual(methodNames.filter((name) => name !== "nesterov1983"));
  });

  it.each(all)("%s: checks what it has checked to the same, and keeps its method", (name, method) => {
    const description = plain(method);
    expect(description.method).toBe(name);
    expect(method.check({ ...description })).toEqual(description);
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(methodOf(description)).toBe(method);
  });

  it.each(all)("%s: has words for a description and for what to lower", (_name, method) => {
    for (const words of [method.describe(plain(method), 5000), method.remedy(plain(method))]) {
      expect(words).toMatch(/^[a-z].*[a-z0-9)}]$/);
      expect(words).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it.each(all)("%s: names every schedule as its own check does", (_name, { schedules, check, ...method }) => {
    const description = plain({ schedules, check, ...method });
    for (const [option, schedule] of Object.entries(schedules(description))) {
      expect(["number", "object"]).toContain(typeof schedule);
      const [first, ...rest] = option.split(".");
      const part = description[first as keyof OptimizerDescription] as unknown;
      const wrong = rest.length === 0 ? "none" : { ...(part as object), ...withPart(rest, "none") };
      const error = failure(() => check({ ...description, [first]: wrong })) as InvalidOptionError;
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.option).toBe(option);
    }
  });

  it.each(all)("%s: its options of the command line set parts that it knows", (_name, method) => {
    const names = method.options.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { path, kind, sets, help } of method.options) {
      expect(help).not.toBe("");
      expect(sets !== undefined).toBe(kind === "flag");
      const [root, ...parts] = path.split(".");
      // What belongs to the trial and not to the optimizer is for the trial's check.
      if (root !== "optimizer") continue;
      const description = plain(method) as unknown as Record<string, unknown>;
      expect(() => method.check({ ...description, ...withPart(parts, sets ?? partOf(description, parts)) })).not.toThrow();
      const misspelled = [...parts.slice(0, -1), `${parts.at(-1)}x`];
      expect(() => method.check({ ...description, ...withPart(misspelled, 1) })).toThrow(/did you mean/);
    }
  });

  it("minimizes with every one", () => {
    const bowl = quadratic({ eigenvalues: [1, 5] });
    const start = bowl.gradient(Float64Array.of(2, 1), new Float64Array(2));
    for (const [name, method] of all) expect(minimize(bowl, [2, 1], plain(method), { updates: 50 }).value, name).toBeLessThan(start);
  });
});

function partOf(description: Record<string, unknown>, [first, ...rest]: readonly string[]): unknown {
  const part = description[first];
  return rest.length === 0 ? part : partOf(part as Record<string, unknown>, rest);
}

describe("methods on networks", () => {
  let runtime: Runtime;
  let network: Network;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 });
    ({ network } = makePair(runtime, ODD_AUTOENCODER));
  });
  afterAll(() => runtime.dispose());

  it.each(onNetworks)("%s: makes its optimizer, whose state and numbers are those of the method", (name, method) => {
    const description = plain(method);
    const optimizer = runtime.optimizer(network, description, { updates: 10 });
    expect(optimizer.description).toEqual(description);
    expect(optimizer.rate(0)).toBeGreaterThan(0);
    expect(optimizer.momentum(3)).toBeGreaterThanOrEqual(0);
    expect(optimizer.momentum(3)).toBeLessThan(1);
    const { update, loss } = optimizer.step(randomBatch(ODD_AUTOENCODER, 20));
    expect(update).toBe(0);
    expect(optimizer.getState()).toMatchObject({ method: name, update: 1, lastLoss: loss });
    optimizer.reset();
    expect(optimizer.getState()).toMatchObject({ method: name, update: 0, lastLoss: undefined });
    optimizer.dispose();
  });

  it.each(onNetworks.filter(([, { network }]) => network!.batching === "minibatches"))(
    "%s: takes as many vectors as it says",
    (_name, method) => {
      const { memory } = runtime;
      const measure = (): number => {
        const address = memory.allocate(64 * 2 ** 20, "something too large for any hole");
        memory.release(address, 64 * 2 ** 20);
        return address;
      };
      const shape = { ...ODD_AUTOENCODER, sizes: [130, 90, 130], activations: ODD_AUTOENCODER.activations.slice(-2) };
      const own = runtime.network(shape);
      const before = measure();
      const optimizer = runtime.optimizer(own, plain(method));
      const vectors = (measure() - before) / own.blockBytes;
      expect(Math.round(vectors)).toBe(method.network!.vectors);
      optimizer.dispose();
      own.dispose();
    },
  );

  it("are all but those that need exact gradients", () => {
    for (const [, method] of all.filter(([, { network }]) => network === undefined)) {
      const refused = failure(() => networkMethodOf(plain(method))) as InvalidOptionError;
      expect(refused.option).toBe("optimizer.method");
      for (const name of networkMethodNames) expect(refused.allowed).toContain(JSON.stringify(name));
      expect(() => runtime.optimizer(network, plain(method))).toThrow(refused.message);
    }
  });
});
