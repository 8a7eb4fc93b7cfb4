import {
  checkTrialSpec,
  createRuntime,
  InvalidOptionError,
  type MethodName,
  memoryStore,
  runTrial,
  type TaskName,
  trialDefaults,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { withPaths } from "#internal/boundary/paths";
import { allMethods, checkOptimizer, methodNames, methodOf, methods, networkMethodNames } from "#internal/optimizers/index";
import type { SpecOption } from "#internal/options";
import { lineStyles } from "#internal/report/plot/palette";
import { kindOf, taskKinds, taskNames } from "#internal/tasks/index";
import { describeInitialization, describeNetwork, describeOptimizer, describeTask } from "#internal/trials/page/describeSpec";
import { checkTask } from "#internal/trials/spec";
import { prepareTask } from "#internal/trials/trial";
import { memoryFiles } from "../support/dataFiles.js";
import { refusal, rejection } from "../support/failures.js";

const kinds = taskNames.map((name) => kindOf({ name }));
const networkMethods = networkMethodNames as readonly MethodName[];

/** Tasks made small, where their defaults would take long to draw. */
const small: Partial<Record<TaskName, object>> = {
  curves: { cases: 20, testCases: 5 },
  addition: { length: 10, hidden: 3, testCases: 5 },
  multiplication: { length: 10, hidden: 3, testCases: 5 },
  memory5: { length: 12, hidden: 3, testCases: 5 },
  memory20: { length: 22, hidden: 3, testCases: 5 },
  mnist: { cases: 20, testCases: 5 },
  faces: { cases: 20, testCases: 5 },
  data: { hidden: [3] },
};

const pixels = (cases: number) => Float32Array.from({ length: cases * 784 }, (_, at) => ((at * 7919) % 256) / 255);
/** Data for tasks that do not make their own. */
const given: Partial<Record<TaskName, object>> = {
  mnist: { train: { inputs: pixels(20), cases: 20, features: 784 }, test: { inputs: pixels(5), cases: 5, features: 784 } },
  faces: { faces: { shape: [4096, 400], data: Uint8Array.from({ length: 4096 * 400 }, (_, at) => (at * 7919) % 256) } },
  data: {
    inputs: Float32Array.from({ length: 60 }, (_, at) => (at * 7) % 11),
    targets: Float32Array.from({ length: 40 }, (_, at) => (at + (at >> 1)) % 2),
    cases: 20,
  },
};

/** The part of a spec at a path such as "optimizer.damping.initial"; undefined where there is none. */
function partAt(spec: unknown, path: string): unknown {
  return path.split(".").reduce((part, key) => (part as Record<string, unknown> | undefined)?.[key], spec);
}

/** That an option has words for people, and sets a part that specs like this one have. */
function expectOption({ name, kind, value, help, path, sets, read }: SpecOption, given: object): void {
  expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  expect(help.length, name).toBeGreaterThan(5);
  expect(value !== undefined, name).toBe(kind !== "flag");
  const spec = checkTrialSpec(given);
  const present = partAt(spec, path);
  // Only what ends a trial sooner, and which column is the last, is left out by default.
  if (present === undefined) expect(["conjugateGradientSteps", "task.label"]).toContain(path);
  // Text may stand for something else, such as a list: what is read of it is then what is to be found.
  const wanted = kind === "flag" ? sets : (present ?? (read === undefined ? 5 : read("5")));
  if (read === undefined) expect(typeof wanted, name).toBe({ number: "number", text: "string", flag: "boolean" }[kind]);
  else expect(read(String(wanted)), name).toEqual(wanted);
  if (kind === "flag") expect(wanted, name).toBe(!present);
  expect(partAt(checkTrialSpec(withPaths({ ...spec }, [{ path, value: wanted }])), path), name).toEqual(wanted);
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))("the task %s", (name, kind) => {
  const spec = checkTrialSpec(trialDefaults(name));

  it("is in the registry under its name, and has words for people", () => {
    expect(taskKinds[name]).toBe(kind);
    for (const words of [kind.title, kind.page.title, kind.describeNetwork(spec.task), kind.describe(spec.task, "TRAINING")])
      expect(words.length).toBeGreaterThan(3);
    expect(kind.describe(spec.task, "TRAINING")).toContain("TRAINING");
    expect(["feedForward", "recurrent"]).toContain(kind.family);
    expect(kind.files === undefined || kind.files.wanted.length > 3).toBe(true);
  });

  it("fills in defaults that are whole", () => {
    const task = checkTask({ name });
    expect(task.name).toBe(name);
    expect(checkTask(task)).toEqual(task);
    expect(checkTask(JSON.parse(JSON.stringify(task)))).toEqual(task);
    const { standard, largest } = kind.batchSize(task);
    expect(standard).toBeGreaterThanOrEqual(1);
    expect(largest).toBeGreaterThanOrEqual(standard);
    expect(refusal(() => checkTask({ name, nonsense: 1 })).option).toBe("task.nonsense");
    expect(refusal(() => checkTask({ ...task, seed: -1 })).option).toBe("task.seed");
  });

  it.each(networkMethods)("has a trial with %s that is plain data, and words for it", (method) => {
    const defaults = trialDefaults(name, method);
    expect(defaults.task).toEqual({ name });
    const made = checkTrialSpec(defaults);
    expect(made).toMatchObject({ task: { name }, optimizer: { method }, seed: kind.defaults.seed });
    const read = JSON.parse(JSON.stringify(made));
    expect(read).toEqual(made);
    expect(checkTrialSpec(read)).toEqual(made);
    // What was checked is checked, and nobody changes it.
    expect(checkTrialSpec(made)).toBe(made);
    expect([made, made.task, made.optimizer, made.initialization].every(Object.isFrozen)).toBe(true);
    for (const words of [describeNetwork(made), describeTask(made), describeInitialization(made), describeOptimizer(made)]) {
      expect(words.length).toBeGreaterThan(5);
      expect(words).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it("has options that set parts of its spec", () => {
    expect(new Set(kind.options.map((option) => option.name)).size).toBe(kind.options.length);
    for (const option of kind.options) expectOption(option, trialDefaults(name));
  });

  it("says why the options of other tasks mean nothing to it", () => {
    const own = kind.options.map((option) => option.name);
    const others = kinds.filter(({ name: other }) => other !== name).flatMap(({ options }) => options);
    expect(others.length).toBeGreaterThan(0);
    for (const { name: option, elsewhere } of others) {
      if (!own.includes(option)) expect(kind.why(option) ?? elsewhere, option).toMatch(/^wh(ich|ose) .{5}/);
    }
    if (kind.files === undefined) expect(kind.why("data")).toMatch(/^wh(ich|ose) /);
    for (const option of own) expect(kind.why(option), option).toBeUndefined();
  });

  it.runIf(kind.files !== undefined)("takes data from outside, by name, and leaves nothing behind without them", async () => {
    const made = checkTrialSpec({ ...trialDefaults(name), task: { name, ...small[name] }, batchSize: 2 });
    expect(given[name]).toBeDefined();
    const { option, message } = refusal(() => prepareTask(made));
    expect(option).toBe("data");
    expect(message).toContain(kind.files!.wanted);
    for (const wrong of [5, null, [], "digits"]) expect(refusal(() => prepareTask(made, wrong)).option).toMatch(/^data/);
    expect(refusal(() => prepareTask(made, { ...given[name], nonsense: 1 })).option).toBe("data.nonsense");
    const missing = (await rejection(kind.files!.read(memoryFiles({}), made.task))) as InvalidOptionError;
    expect(missing).toMatchObject({ option: "data", value: "shelf" });
    const store = memoryStore();
    await rejection(runTrial(made, { runtime: { threads: 1 }, store }));
    expect(await store.names()).toEqual([]);
    expect(kind.why("data")).toBeUndefined();
  });

  it("has data, made or given, for a network that can be made, and takes no others", async () => {
    const made = checkTrialSpec({ ...trialDefaults(name), task: { name, ...small[name] }, batchSize: 2 });
    if (kind.files === undefined) expect(refusal(() => prepareTask(made, {})).option).toBe("data");
    const prepared = prepareTask(made, given[name]);
    const keys = kind.measures.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining([prepared.watched.key, ...prepared.columns.map(({ key }) => key)]));
    expect(prepared.baseline.name.length).toBeGreaterThan(0);
    expect(prepared.baseline.measures[prepared.watched.key]).toBeGreaterThan(0);
    expect(prepared.watchedCases).toBeGreaterThan(0);
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const network = runtime.network(prepared.network);
    expect(network.description.kind).toBe(kind.family);
    network.initialize(made.initialization, made.seed);
    const [watched, measured] = [prepared.watch(network), prepared.measure(network)];
    expect(keys).toEqual(expect.arrayContaining([...Object.keys(watched), ...Object.keys(measured)]));
    expect(watched[prepared.watched.key]).toBeGreaterThanOrEqual(0);
    for (const { key } of prepared.columns) expect(measured[key]).toBeGreaterThanOrEqual(0);
    await runtime.dispose();
  });
});

describe.each(allMethods.map((method) => [method.name, method] as const))("the method %s", (name, method) => {
  const momentum = { schedule: "constant", value: 0.5 };
  const description = () => checkOptimizer("optimizer", method.network?.start({ learningRate: 0.1, momentum }) ?? { method: name });

  it("is in the registry under its name, and has words and a style of its own", () => {
    expect(methods[name] as unknown).toBe(method);
    expect(methodOf({ method: name })).toBe(method);
    for (const words of [method.label, method.title, method.remedy(description()), method.describe(description(), 100)])
      expect(words.length).toBeGreaterThan(1);
    for (const part of ["label", "title", "style"] as const)
      expect(allMethods.filter((other) => other[part] === method[part])).toEqual([method]);
    expect(lineStyles[method.style]).toBeDefined();
  });

  it("fills in defaults that are whole, as plain data", () => {
    const made = description();
    expect(made.method).toBe(name);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    expect(checkOptimizer("optimizer", made)).toEqual(made);
    for (const [path, schedule] of Object.entries(method.schedules(made))) expect(partAt(made, path), path).toEqual(schedule);
    expect(refusal(() => checkOptimizer("optimizer", { ...made, nonsense: 1 })).option).toMatch(/\.nonsense$/);
  });

  it("has options that set parts of its description, and of no other's", () => {
    for (const option of method.options) {
      expect(allMethods.filter(({ options }) => options.some((other) => other.name === option.name))).toEqual([method]);
      expect(kinds.filter(({ options }) => options.some((other) => other.name === option.name))).toEqual([]);
      expectOption(option, trialDefaults("addition", name));
    }
  });

  it("says what it needs on networks, or is refused there with the names of others", () => {
    if (method.network === undefined) {
      const { option, message } = refusal(() => trialDefaults("curves", name));
      expect(option).toBe("optimizer.method");
      for (const other of networkMethods) expect(message).toContain(`"${other}"`);
      return;
    }
    const { batching, vectors, updates = 1, refuses, start } = method.network;
    expect(["minibatches", "gradientAndCurvature"]).toContain(batching);
    expect(vectors).toBeGreaterThan(0);
    expect(Number.isInteger(vectors) && Number.isInteger(updates) && updates > 0).toBe(true);
    for (const [option, why] of Object.entries(refuses)) expect(why, option).toMatch(/\w+ \w+/);
    expect(start({ learningRate: 0.25, momentum }).method).toBe(name);
  });
});

describe("names in messages are those of the registries", () => {
  const listed = (names: readonly string[]) => `must be one of ${names.map((name) => `"${name}"`).join(", ")}`;

  it("of tasks", () => {
    expect(taskNames).toEqual(Object.keys(taskKinds));
    const error = refusal(() => checkTrialSpec({ task: { name: "copying" } }));
    expect(error.option).toBe("task.name");
    expect(error.message).toContain(listed(taskNames));
  });

  it("of methods", () => {
    expect(methodNames).toEqual(Object.keys(methods));
    expect(refusal(() => checkOptimizer("optimizer", { method: "rprop" })).message).toContain(listed(methodNames));
    expect(networkMethods).toEqual(allMethods.filter(({ network }) => network !== undefined).map(({ name }) => name));
  });

  it("which no task and no method has twice", () => {
    const names = [...taskNames, ...methodNames];
    expect(new Set(names).size).toBe(names.length);
    expect(() => checkTask({ name: "toString" })).toThrow(InvalidOptionError);
    expect(() => checkOptimizer("optimizer", { method: "constructor" })).toThrow(InvalidOptionError);
  });
});
