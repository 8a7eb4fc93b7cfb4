import { createRuntime, DivergedError, InvalidOptionError, ShapeError, trialDefaults } from "heavyball";
import { describe, expect, it } from "vitest";
import { hiddenStatesAfter } from "#internal/studies/figure3/hiddenStates";
import { taskNames } from "#internal/tasks/index";
import type { PreparedSequences } from "#internal/tasks/sequences/preparedSequences";
import { sequencePlots } from "#internal/tasks/sequences/sequencesPage";
import type { Shown } from "#internal/tasks/task";
import { describeInitialization, describeNetwork, describeTask } from "#internal/trials/page/describeSpec";
import { resultTable } from "#internal/trials/page/resultTable";
import { shownTrials } from "#internal/trials/page/trialPage";
import { checkTrialSpec, type MinibatchTrialSpec, type TrialSpec } from "#internal/trials/spec";
import { prepareTask, type Report, startTrial } from "#internal/trials/trial";
import { endTrial } from "../support/endedTrials.js";

function finish<Result>(work: Generator<unknown, Result, void>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

const sgd = { method: "sgd", learningRate: 0.01 };
const small = (
  task: object,
  optimizer: object = { method: "nesterov", learningRate: 0.001, momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [4] } },
): TrialSpec => checkTrialSpec({ task: { length: 24, hidden: 10, testCases: 60, ...task }, optimizer, batchSize: 6, updates: 9, seed: 5 });

describe("specs of recurrent problems", () => {
  it("fill in the defaults, as plain data that reads back the same", () => {
    const spec = checkTrialSpec({ task: { name: "addition" }, optimizer: sgd, updates: 50_000 });
    expect(spec).toEqual({
      task: {
        name: "addition",
        length: 80,
        target: "halfSum",
        flags: true,
        centered: true,
        initialHidden: "zero",
        hidden: 100,
        testCases: 10_000,
      },
      initialization: { method: "echoState", fanIn: 15, spectralRadius: 1.1, inputScale: 0.001, outputScale: 0.1, outputBiases: [0.5] },
      optimizer: { ...sgd, weightDecay: 0 },
      batchSize: 100,
      updates: 50_000,
      seed: 1,
    });
    expect(checkTrialSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    const memory = checkTrialSpec({ task: { name: "memory5" }, optimizer: sgd, updates: 5 });
    expect(memory.task).toMatchObject({ length: 200, scored: "last", lengthMeans: "total" });
    expect(memory.initialization).toMatchObject({ inputScale: 0.1, outputBiases: [0, 0, 0] });
  });

  it("let a spec say more of the initialization, and fill in only what it leaves out", () => {
    const start = (initialization: object) =>
      checkTrialSpec({ task: { name: "multiplication" }, initialization, optimizer: sgd, updates: 5 }).initialization;
    expect(start({ method: "echoState", outputBiases: [0], spectralRadius: 0.9 })).toEqual({
      method: "echoState",
      fanIn: 15,
      spectralRadius: 0.9,
      inputScale: 0.001,
      outputScale: 0.1,
      outputBiases: [0],
    });
    expect(start({ method: "echoState", inputScale: 0.5, seed: 9 })).toMatchObject({ inputScale: 0.5, outputBiases: [0.25], seed: 9 });
  });

  it.each<[string, object]>([
    ["task.length", { name: "addition", length: 9 }],
    ["task.target", { name: "addition", target: "mean" }],
    ["task.target", { name: "multiplication", target: "sum" }],
    ["task.flags", { name: "addition", flags: 1 }],
    ["task.initialHidden", { name: "memory20", initialHidden: 0 }],
    ["task.scored", { name: "memory5", scored: "first" }],
    ["task.hidden", { name: "addition", hidden: 0 }],
    ["task.testCases", { name: "addition", testCases: 0 }],
    ["task.testCases", { name: "addition", testCases: 1e9 }],
    ["task.seed", { name: "addition", seed: -1 }],
    ["task.cases", { name: "addition", cases: 100 }],
  ])("refuse a wrong %s", (option, task) => {
    let refused: unknown;
    try {
      checkTrialSpec({ task, optimizer: sgd, updates: 5 });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InvalidOptionError);
    expect((refused as InvalidOptionError).option).toBe(option);
  });

  it("refuse initializations and batches that do not fit", () => {
    const spec = (more: object) => () => checkTrialSpec({ task: { name: "memory5" }, optimizer: sgd, updates: 5, ...more });
    expect(spec({ initialization: { method: "sparse" } })).toThrow("memory5 trains a recurrent network");
    expect(spec({ initialization: { method: "echoState", outputBiases: [1, 2] } })).toThrow(ShapeError);
    expect(spec({ batchSize: 1e9 })).toThrow("batchSize");
  });

  it("are what `heavyball train` makes of a task alone", () => {
    for (const name of taskNames) {
      const spec = checkTrialSpec(trialDefaults(name));
      expect(spec.task.name).toBe(name);
      expect(spec.optimizer.method).toBe("nesterov");
    }
    expect(checkTrialSpec(trialDefaults("memory20"))).toMatchObject({
      batchSize: 100,
      updates: 50_000,
      optimizer: { momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [1000] } },
    });
  });

  it("in words say what was chosen", () => {
    const spec = checkTrialSpec({
      task: { name: "addition", target: "sum", flags: false, initialHidden: "learned", hidden: 1000 },
      optimizer: sgd,
      updates: 50_000,
    });
    expect(describeNetwork(spec)).toBe("addition, a recurrent network of 1,000 tanh units");
    expect(describeTask(spec)).toBe(
      "sequences of 80 to 88 steps, without -1 marks, target the sum, not half of it, learned initial hidden state; 10,000 held out, " +
        "fresh ones in minibatches of 100, 50,000 updates",
    );
    expect(describeInitialization(spec)).toBe(
      "echo state, 15 incoming connections a unit, spectral radius 1.1, input scale 0.001, output scale 0.1, output biases 1, seed 1",
    );
    const memory = checkTrialSpec({
      task: { name: "memory5", lengthMeans: "delay", length: 30, scored: "all" },
      optimizer: sgd,
      updates: 5,
    });
    expect(describeTask(memory)).toContain("sequences of 30 steps between symbols and repetition, all steps scored;");
    expect(describeInitialization(memory)).toContain("output biases -2.773, -2.773, -0.1335,");
  });
});

describe("trials on recurrent problems", () => {
  it.each([
    { name: "addition", initialHidden: "learned" },
    { name: "multiplication" },
    { name: "memory5" },
    { name: "memory20", scored: "all" },
  ])("report every update, and go on from any state to the same bits: %j", async (task) => {
    const spec = small(task);
    const prepared = prepareTask(spec);
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const whole = startTrial(runtime, spec, prepared);
    const states = [];
    const reports: Report[] = [];
    for (const report of whole.reports) {
      reports.push(report);
      states.push(whole.getState());
    }
    expect(reports.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(reports.slice(1).map(({ momentum }) => momentum)).toEqual([0.9, 0.9, 0.9, 0.9, 0.995, 0.995, 0.995, 0.995, 0.995]);
    for (const { zeroOne, heldOutLoss, spectralRadius } of reports)
      for (const value of [zeroOne, heldOutLoss, spectralRadius]) expect(value).toBeGreaterThan(0);
    const withoutSeconds = (all: Report[]) => all.map(({ seconds: _, ...rest }) => rest);
    for (const from of [0, 1, 4, 8, 9]) {
      const later = startTrial(runtime, spec, prepared, states[from]);
      // A state without updates is the starting point, whose report comes again.
      expect(withoutSeconds([...later.reports])).toEqual(withoutSeconds(reports.slice(from === 0 ? 0 : from + 1)));
      expect(later.network.getParameters()).toEqual(whole.network.getParameters());
    }
    await runtime.dispose();
  });

  it("learn an easy problem, and say when they were best", async () => {
    const spec = checkTrialSpec({
      task: { name: "memory5", length: 12, hidden: 30, testCases: 300 },
      optimizer: { method: "nesterov", learningRate: 3e-4, momentum: 0.98 },
      batchSize: 40,
      updates: 500,
    });
    const task = prepareTask(spec) as PreparedSequences;
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const trial = startTrial(runtime, spec, task);
    const reports = [...trial.reports].filter(({ zeroOne }) => zeroOne !== undefined);
    const ended = endTrial("NAG", trial, task, runtime, reports);
    const { record } = ended;
    const final = task.measure(trial.network);
    await runtime.dispose();
    expect(reports[0].zeroOne).toBeGreaterThan(2);
    expect(record.final!.zeroOne).toBeLessThan(0.5);
    const lowest = Math.min(...reports.map(({ zeroOne }) => zeroOne!));
    expect(record.best).toEqual({
      update: reports.find(({ zeroOne }) => zeroOne === lowest)!.update,
      error: lowest,
      measure: "zeroOne",
    });
    expect(resultTable([ended], task).rows[1]).toEqual(["biases only", "-", "2.500", "5.493", "-"]);
    expect(record).toMatchObject({
      spec,
      kernels: "simd",
      update: 500,
      final,
      best: { measure: "zeroOne" },
      baseline: { name: "biases only", zeroOne: 2.5 },
    });
    const plots = sequencePlots(shownTrials([ended]) as Shown<unknown, PreparedSequences>);
    expect(plots.map(({ title }) => title)).toEqual([
      "Zero-one error against updates",
      "Loss against updates",
      "Spectral radius of the recurrent weights",
    ]);
  });

  it("know the hidden states they had after any update", async () => {
    const spec = small({ name: "addition" });
    const task = prepareTask(spec) as PreparedSequences;
    const batch = task.heldOut(2);
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const { network, reports } = startTrial(runtime, spec, task);
    for (const { update } of reports) {
      if (update % 3 === 0)
        expect(finish(hiddenStatesAfter(runtime, spec as MinibatchTrialSpec, task, update, batch))).toEqual(network.activations(batch, 1));
    }
    await runtime.dispose();
  });

  it("end with the update at which they diverged", async () => {
    const spec = small({ name: "addition" }, { method: "sgd", learningRate: 1e25 });
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const { reports } = startTrial(runtime, spec, prepareTask(spec));
    let thrown: unknown;
    let made = 0;
    try {
      for (const { update } of reports) made = update;
    } catch (error) {
      thrown = error;
    }
    await runtime.dispose();
    expect(thrown).toBeInstanceOf(DivergedError);
    expect((thrown as DivergedError).update).toBeGreaterThanOrEqual(made);
    expect((thrown as DivergedError).message).toContain("lower the learning rate");
  });
});
