import { createRuntime, demonstration, InvalidOptionError, scheduleValue, trialPage } from "heavyball";
import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { describeSchedule } from "#internal/report/text/describeSchedule";
import { maximumReachedAt } from "#internal/schedules/maximumReachedAt";
import { meanPredictorError, type PreparedImages } from "#internal/tasks/images/imagesTask";
import { describeInitialization, describeNetwork, describeOptimizer, describeTask } from "#internal/trials/page/describeSpec";
import { resultTable } from "#internal/trials/page/resultTable";
import { reportUpdates } from "#internal/trials/reportUpdates";
import { checkTrialSpec, type TrialSpec } from "#internal/trials/spec";
import { prepareTask, startTrial } from "#internal/trials/trial";
import { endTrial } from "../support/endedTrials.js";

const momentum = { schedule: "sutskever", max: 0.99, period: 2 };
const prepare = (spec: TrialSpec) => prepareTask(spec) as PreparedImages;
const small = (optimizer: object): TrialSpec =>
  checkTrialSpec({ task: { name: "curves", cases: 60 }, optimizer, batchSize: 20, updates: 7, seed: 5 });

describe("trial specs", () => {
  it("fill in the defaults, as plain data that reads back the same", () => {
    const spec = checkTrialSpec({
      task: { name: "curves" },
      optimizer: { method: "nesterov", learningRate: 0.01, momentum: { schedule: "sutskever", final: { updates: 1000, value: 0.9 } } },
      updates: 750_000,
    });
    expect(spec).toEqual({
      task: { name: "curves", cases: 20_000, testCases: 10_000 },
      initialization: { method: "sparse", fanIn: 15, scale: 1 },
      optimizer: {
        method: "nesterov",
        learningRate: 0.01,
        momentum: { schedule: "sutskever", max: 0.99, period: 250, final: { updates: 1000, value: 0.9 } },
        weightDecay: 0,
      },
      batchSize: 200,
      updates: 750_000,
      seed: 1,
    });
    expect(checkTrialSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  const sgd = { method: "sgd", learningRate: 0.1 };
  const curves = { name: "curves", cases: 100 };
  it.each<[string, unknown]>([
    ["spec", 7],
    ["spec.epochs", { task: curves, optimizer: sgd, batchSize: 10, updates: 5, epochs: 3 }],
    ["task", { optimizer: sgd, updates: 5 }],
    ["task.name", { task: { name: "fashion" }, optimizer: sgd, updates: 5 }],
    ["task.cases", { task: { name: "curves", cases: 0 }, optimizer: sgd, updates: 5 }],
    ["task.cases", { task: { name: "curves", cases: 1_369_569 }, optimizer: sgd, updates: 5 }],
    ["task.testCases", { task: { ...curves, testCases: 1_369_569 }, optimizer: sgd, updates: 5 }],
    ["task.testCases", { task: { ...curves, testCases: 1.5 }, optimizer: sgd, updates: 5 }],
    ["task.seed", { task: { ...curves, seed: -1 }, optimizer: sgd, batchSize: 10, updates: 5 }],
    ["task.length", { task: { ...curves, length: 9 }, optimizer: sgd, batchSize: 10, updates: 5 }],
    [
      "initialization.method",
      { task: curves, initialization: { method: "echoState", inputScale: 0.001 }, optimizer: sgd, batchSize: 10, updates: 5 },
    ],
    ["initialization.scale", { task: curves, initialization: { method: "sparse", scale: 0 }, optimizer: sgd, batchSize: 10, updates: 5 }],
    ["optimizer.method", { task: curves, optimizer: { method: "nesterov1983" }, batchSize: 10, updates: 5 }],
    ["learningRate", { task: curves, optimizer: { method: "sgd", learningRate: -1 }, batchSize: 10, updates: 5 }],
    [
      "momentum.max",
      { task: curves, optimizer: { method: "nesterov", learningRate: 1, momentum: { ...momentum, max: 2 } }, batchSize: 10, updates: 5 },
    ],
    [
      "momentum.final.updates",
      {
        task: curves,
        optimizer: { method: "nesterov", learningRate: 1, momentum: { ...momentum, final: { updates: 6, value: 0.9 } } },
        batchSize: 10,
        updates: 5,
      },
    ],
    ["batchSize", { task: curves, optimizer: sgd, batchSize: 101, updates: 5 }],
    ["updates", { task: curves, optimizer: sgd, batchSize: 10 }],
    ["seed", { task: curves, optimizer: sgd, batchSize: 10, updates: 5, seed: 0.5 }],
  ])("refuse a wrong %s", (option, spec) => {
    const refused = (() => {
      try {
        checkTrialSpec(spec);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(refused).toBeInstanceOf(InvalidOptionError);
    expect((refused as InvalidOptionError).option).toBe(option);
  });
});

describe("report updates", () => {
  it.each([1, 2, 10, 49, 500, 5000, 750_000])("of a trial of %i begin at the start, end at the end, ascend and are not many", (updates) => {
    const at = reportUpdates(updates);
    expect(at[0]).toBe(0);
    expect(at[at.length - 1]).toBe(updates);
    for (let i = 1; i < at.length; i++) expect(at[i]).toBeGreaterThan(at[i - 1]);
    expect(at.length).toBeLessThan(200);
    for (let i = 1; i < at.length; i++) expect(at[i] - at[i - 1]).toBeLessThanOrEqual(Math.ceil(updates / 50));
  });
});

describe("the maximum of Eq. 5", () => {
  it.each([
    [0.9, 1000],
    [0.99, 12_250],
    [0.995, 24_750],
    [0.999, 124_750],
    [0.5, 0],
    [0, 0],
  ])("%d is reached at update %i with period 250", (max, update) => {
    expect(maximumReachedAt({ max, period: 250 })).toBe(update);
    const schedule = { schedule: "sutskever", max, period: 250 } as const;
    expect(scheduleValue(schedule, update)).toBeCloseTo(max, 12);
    if (update > 0) expect(scheduleValue(schedule, update - 1)).toBeLessThan(max - 1e-6);
  });

  it("is never reached when it is 1", () => {
    expect(maximumReachedAt({ max: 1, period: 250 })).toBe(Infinity);
  });
});

describe("the demonstration", () => {
  it("is three trials that differ in the optimizer only, and Hessian-free from the same point", () => {
    const trials = demonstration();
    expect(trials.map(({ name }) => name)).toEqual(["SGD", "CM", "NAG", "HF"]);
    expect(trials.map(({ spec }) => spec.optimizer.method)).toEqual(["sgd", "classicalMomentum", "nesterov", "hessianFree"]);
    expect(trials.map(({ seconds }) => seconds)).toEqual([undefined, undefined, undefined, 25]);
    const { task, initialization, seed } = trials[0].spec;
    expect(trials[3].spec).toMatchObject({ task, initialization, seed });
    expect(demonstration(900)[3].seconds).toBe(12.5);
    for (const { spec } of trials.slice(0, 3)) {
      expect({ ...spec, optimizer: 0 }).toEqual({ ...trials[0].spec, optimizer: 0 });
      expect([0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001]).toContain(spec.optimizer.learningRate);
    }
  });

  it.each([98, 100, 500, 5000, 20_000])("reaches momentum 0.99 within %i updates, and ends at 0.9", (updates) => {
    const { optimizer } = demonstration(updates)[2].spec;
    if (optimizer.method !== "nesterov") throw new Error("not nesterov");
    const values = Array.from({ length: updates }, (_, t) => scheduleValue(optimizer.momentum, t, updates));
    expect(values).toContain(0.99);
    expect(values[updates - 1]).toBe(0.9);
  });

  it.each([1, 2, 7, 30])("can be as short as %i updates", (updates) => {
    expect(demonstration(updates)).toHaveLength(4);
  });
});

describe("specs in words", () => {
  it("say what matters", () => {
    const [{ spec: sgd }, , { spec: nag }] = demonstration(5000);
    expect(describeTask(nag)).toBe("20,000 training and 10,000 test images, minibatches of 200, 5,000 updates");
    expect(describeInitialization(nag)).toBe("sparse, 15 incoming connections a unit, scale 1, seed 1");
    expect(describeOptimizer(sgd)).toMatch(/^learning rate [\d.]+, no momentum$/);
    expect(describeOptimizer(nag)).toMatch(
      /, momentum up to 0\.99 by Eq\. 5 with period 51 \(reached at update 2,499\), 0\.9 for the last 500 updates$/,
    );
    expect(describeSchedule({ schedule: "sutskever", max: 0.999, period: 250 }, 1000)).toBe(
      "up to 0.999 by Eq. 5 with period 250 (not reached in so few updates)",
    );
    expect(describeSchedule({ schedule: "piecewise", values: [0.9, 0.995], at: [1000] }, 5000)).toBe(
      "0.9, then 0.995 from update 1,000 on",
    );
    expect(describeSchedule({ schedule: "constant", value: 0.9, final: { from: 30, value: 0.5 } }, 50)).toBe(
      "0.9, 0.5 for the last 20 updates",
    );
  });
});

describe("specs of one of everything in words", () => {
  const spec = (task: object, optimizer: object = { method: "sgd", learningRate: 0.1 }, more: object = {}) =>
    checkTrialSpec({ task, optimizer, batchSize: 1, updates: 1, seed: 5, ...more });
  const hessianFree = (more: object = {}) => ({ method: "hessianFree", conjugateGradient: { maximum: 1, minimum: 1 }, ...more });

  it("are in the singular", () => {
    expect(describeTask(spec({ name: "curves", cases: 1, testCases: 1 }))).toBe("1 training and 1 test image, minibatches of 1, 1 update");
    expect(describeTask(spec({ name: "curves", cases: 2, testCases: 2 }, undefined, { updates: 2 }))).toBe(
      "2 training and 2 test images, minibatches of 1, 2 updates",
    );
    expect(describeNetwork(spec({ name: "addition", hidden: 1 }))).toBe("addition, a recurrent network of 1 tanh unit");
    expect(describeInitialization(spec({ name: "curves", cases: 1 }, undefined, { initialization: { method: "sparse", fanIn: 1 } }))).toBe(
      "sparse, 1 incoming connection a unit, scale 1, seed 5",
    );
    expect(
      describeInitialization(spec({ name: "addition", hidden: 1 }, undefined, { initialization: { method: "echoState", fanIn: 1 } })),
    ).toMatch(/^echo state, 1 incoming connection a unit, /);
    expect(describeSchedule({ schedule: "constant", value: 0.9, final: { updates: 1, value: 0.5 } }, 50)).toBe(
      "0.9, 0.5 for the last update",
    );
  });

  it("have sequences of one step, and of no range where the shortest is the longest", () => {
    const memory = spec({ name: "memory5", lengthMeans: "delay", length: 1 });
    expect(describeTask(memory)).toContain("sequences of 1 step between symbols and repetition");
    const addition = spec({ name: "addition", length: 10 });
    expect(describeTask(addition)).toContain("sequences of 10 to 11 steps;");
    // Shorter ones than a task takes today.
    const ofLength = (length: number) => describeTask({ ...addition, task: { ...addition.task, length } as typeof addition.task });
    expect(ofLength(1)).toContain("sequences of 1 step;");
    expect(ofLength(9)).toContain("sequences of 9 steps;");
  });

  it("take one step of conjugate gradient", () => {
    const free = checkTrialSpec({
      task: { name: "curves", cases: 1 },
      optimizer: hessianFree({ curvatureCases: "gradient" }),
      updates: 1,
      conjugateGradientSteps: 1,
    });
    expect(describeTask(free)).toContain("at most 1 update or 1 step of conjugate gradient");
    expect(describeOptimizer(free)).toContain(", 1 step of conjugate gradient an update, ");
  });
});

describe("trials", () => {
  const specs = [
    small({ method: "sgd", learningRate: 0.05 }),
    small({ method: "classicalMomentum", learningRate: 0.01, momentum }),
    small({ method: "nesterov", learningRate: 0.01, momentum: { ...momentum, final: { updates: 3, value: 0.4 } } }),
  ];

  it("report every update, and end in the same bits in turns as alone", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const task = prepare(specs[0]);
    const alone = specs.map((spec) => {
      const { network, reports } = startTrial(runtime, spec, task);
      return { reports: [...reports], parameters: network.getParameters() };
    });
    for (const { reports } of alone) {
      expect(reports.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(reports[7].trainingError).toBeLessThan(reports[0].trainingError!);
      expect(reports[0].trainingError).toBe(alone[0].reports[0].trainingError);
    }
    expect(alone[0].reports.slice(1).map((report) => report.momentum)).toEqual(Array(7).fill(0));
    expect(alone[2].reports.slice(1).map((report) => report.momentum)).toEqual([0.5, 0.5, 0.75, 0.75, 0.4, 0.4, 0.4]);

    const trials = specs.map((spec) => startTrial(runtime, spec, task));
    for (let running = true; running; ) running = trials.map(({ reports }) => reports.next().done === false).some((more) => more);
    trials.forEach(({ network }, at) => expect(network.getParameters()).toEqual(alone[at].parameters));
    await runtime.dispose();
  });

  it("become a page with a line, a row and a strip of pictures each", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const task = prepare(specs[0]);
    const trials = specs.map((spec) => startTrial(runtime, spec, task));
    const ended = trials.map((trial, at) => {
      return endTrial(`<${at}>`, trial, task, runtime, [...trial.reports], at === 1 ? "diverged at update 7" : undefined);
    });
    const records = ended.map(({ record }) => record);
    expect(records[0].final?.testError).toBeGreaterThan(0);
    expect(records[0].best).toEqual({ update: 7, error: records[0].reports[7].trainingError, measure: "trainingError" });
    expect(records[1].final).toBeUndefined();
    expect(resultTable(ended, task).rows.map((row) => row[2])).toEqual([
      expect.stringMatching(/^\d/),
      "diverged",
      expect.stringMatching(/^\d/),
      expect.stringMatching(/^1\d\.\d+$/),
    ]);
    const html = htmlPage(trialPage(ended, { title: "Title", explanation: ["Because."] }));
    await runtime.dispose();
    expect(html).toContain("Because.");
    expect(html.match(/<img /g)).toHaveLength(30); // inputs and two sets of reconstructions
    expect(html).toContain("&lt;1&gt; diverged at update 7.");
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("know the error of answering with the mean case", () => {
    const inputs = Float32Array.of(0, 1, 1, 0, 0.5, 0.5);
    // Both columns have mean 0.5, and deviations -0.5, 0.5, 0 and 0.5, -0.5, 0.
    expect(meanPredictorError({ inputs, cases: 3, features: 2 })).toBeCloseTo(1 / 3, 12);
  });
});
