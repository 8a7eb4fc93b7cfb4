import { createRuntime, type EndedTrial, InvalidOptionError, minibatches, type Runtime, trialDefaults } from "heavyball";
import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { imagesFigures } from "#internal/tasks/images/imagesPage";
import type { PreparedImages } from "#internal/tasks/images/imagesTask";
import { taskNames } from "#internal/tasks/index";
import type { PreparedSequences } from "#internal/tasks/sequences/preparedSequences";
import { sequencePlots } from "#internal/tasks/sequences/sequencesPage";
import type { PreparedTask, Shown } from "#internal/tasks/task";
import { decodeCheckpoint, encodeCheckpoint } from "#internal/trials/checkpoint";
import { hessianFreeBatches } from "#internal/trials/hessianFree/hessianFreeBatches";
import { describeOptimizer, describeTask } from "#internal/trials/page/describeSpec";
import { resultTable } from "#internal/trials/page/resultTable";
import { shownTrials, trialPage } from "#internal/trials/page/trialPage";
import { measureOf } from "#internal/trials/report";
import { hessianFreeReportUpdates } from "#internal/trials/reportUpdates";
import { checkTrialSpec, type HessianFreeTrialSpec, isHessianFree } from "#internal/trials/spec";
import { prepareTask, type Report, startTrial, type TrialState } from "#internal/trials/trial";
import { endTrial } from "../support/endedTrials.js";

const spec = (task: object, optimizer: object = {}, more: object = {}): HessianFreeTrialSpec => {
  const checked = checkTrialSpec({ task, optimizer: { method: "hessianFree", ...optimizer }, updates: 4, seed: 5, ...more });
  if (!isHessianFree(checked)) throw new Error("not Hessian-free");
  return checked;
};
const addition = { name: "addition", length: 20, hidden: 8, testCases: 50 };
const quick = { gradientCases: 30, curvatureCases: 12, conjugateGradient: { maximum: 4 } };
const withoutSeconds = (reports: readonly Report[]) => reports.map(({ seconds: _, ...rest }) => rest);
/** Vitest's own comparison takes seconds for a million numbers. */
const isSame = (a: Float32Array, b: Float32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);
const onOneThread = async (work: (runtime: Runtime) => void | Promise<void>): Promise<void> => {
  const runtime = await createRuntime({ threads: 1, kernels: "simd" });
  await work(runtime);
  await runtime.dispose();
};

describe("Hessian-free specs", () => {
  it("fill in Martens' settings for curves, as plain data that reads back the same", () => {
    const full = spec({ name: "curves" });
    expect(full).toEqual({
      task: { name: "curves", cases: 20_000, testCases: 10_000 },
      initialization: { method: "sparse", fanIn: 15, scale: 1 },
      optimizer: {
        method: "hessianFree",
        variant: "standard",
        learningRate: 1,
        lineSearch: true,
        backtracking: true,
        damping: { initial: 45, drop: 2 / 3 },
        structuralDamping: 0,
        conjugateGradient: { maximum: 250, minimum: 1, decay: 0.95, progress: 5e-4 },
        preconditioner: "auto",
        gradientCases: "all",
        curvatureCases: 5000,
        weightDecay: 2e-5,
      },
      updates: 4,
      seed: 5,
    });
    expect(checkTrialSpec(JSON.parse(JSON.stringify(full)))).toEqual(full);
  });

  it("fill in the hybrid's for the momentum variant: a sixteenth of the data, exactly 50 steps", () => {
    const { optimizer } = spec({ name: "curves" }, { variant: "momentum" });
    expect(optimizer).toMatchObject({
      lineSearch: false,
      backtracking: false,
      gradientCases: 1250,
      curvatureCases: "gradient",
      conjugateGradient: { maximum: 50, minimum: 50, decay: 0.95 },
    });
    expect(
      spec({ name: "curves" }, { variant: "momentum", conjugateGradient: { maximum: 7, decay: 0.999 } }).optimizer.conjugateGradient,
    ).toMatchObject({ maximum: 7, minimum: 7, decay: 0.999 });
    expect(spec({ name: "curves" }, { variant: "momentum", conjugateGradient: { minimum: 1 } }).optimizer.conjugateGradient).toMatchObject({
      maximum: 50,
      minimum: 1,
    });
  });

  it("fill in those of Martens & Sutskever for recurrent problems", () => {
    const { optimizer } = spec({ name: "addition" });
    expect(optimizer).toMatchObject({
      damping: { initial: 0.01, drop: 2 / 3 },
      structuralDamping: 0.03,
      conjugateGradient: { maximum: 300, minimum: 300 },
      gradientCases: 10_000,
      curvatureCases: 1000,
      weightDecay: 2e-5,
    });
    expect(spec({ name: "memory5" }).optimizer.damping.initial).toBeCloseTo(0.1, 12);
    expect(spec({ name: "memory20" }).optimizer.damping.initial).toBeCloseTo(0.5, 12);
    expect(spec({ name: "memory20", scored: "all", length: 60 }).optimizer.damping.initial).toBeCloseTo(30, 12);
    expect(spec({ name: "memory5" }, { variant: "momentum" }).optimizer).toMatchObject({
      gradientCases: 1000,
      curvatureCases: "gradient",
      conjugateGradient: { maximum: 50, minimum: 50 },
    });
    // Curvature is of the gradient's sequences: never more than there are.
    expect(spec({ name: "addition" }, { gradientCases: 500 }).optimizer.curvatureCases).toBe(500);
    expect(
      spec({ name: "addition" }, { gradientCases: { schedule: "piecewise", values: [500, 2000], at: [2] } }).optimizer.curvatureCases,
    ).toBe("gradient");
    expect(spec({ name: "addition" }, { damping: { initial: 3 } }).optimizer.damping).toEqual({ initial: 3, drop: 2 / 3 });
  });

  it("are what `heavyball train` makes of a task alone", () => {
    for (const name of taskNames) {
      // A starting point from which momentum learns.
      const { seed } = trialDefaults(name);
      expect(checkTrialSpec(trialDefaults(name, "hessianFree"))).toMatchObject({
        task: { name },
        optimizer: { method: "hessianFree" },
        updates: 100,
        seed,
      });
    }
  });

  const curves = { name: "curves", cases: 100 };
  const changing = { schedule: "piecewise", values: [20, 101], at: [2] };
  it.each<[string, object, object, object?]>([
    ["batchSize", curves, {}, { batchSize: 20 }],
    ["conjugateGradientSteps", curves, {}, { conjugateGradientSteps: 0 }],
    ["gradientCases", curves, { gradientCases: 101 }],
    ["gradientCases", curves, { gradientCases: changing, curvatureCases: "gradient" }],
    ["gradientCases", { name: "addition" }, { gradientCases: "all" }],
    ["gradientCases", { name: "addition" }, { gradientCases: 2 ** 30 }],
    ["curvatureCases", curves, { curvatureCases: 101 }],
    ["curvatureCases", curves, { gradientCases: { ...changing, values: [20, 60] }, curvatureCases: 40 }],
    [
      "curvatureCases",
      curves,
      { gradientCases: 50, curvatureCases: { schedule: "constant", value: 20, final: { updates: 1, value: 60 } } },
    ],
    ["structuralDamping", curves, { structuralDamping: 0.03 }],
    ["preconditioner", { name: "memory5" }, { preconditioner: { exponent: 0.75 } }],
    [
      "conjugateGradient.decay.final.updates",
      curves,
      { conjugateGradient: { decay: { schedule: "constant", value: 0.9, final: { updates: 5, value: 0.99 } } } },
    ],
    [
      "learningRate.final",
      curves,
      { learningRate: { schedule: "constant", value: 1, final: { updates: 1, value: 0.5 } } },
      { conjugateGradientSteps: 100 },
    ],
    ["gradientCases", { name: "addition" }, { gradientCases: { schedule: "piecewise", values: [10, "all"], at: [2] } }],
    ["curvatureCases", curves, { gradientCases: { schedule: "piecewise", values: [20, "all"], at: [2] }, curvatureCases: 30 }],
    ["damping.drop.final.updates", curves, { damping: { drop: { schedule: "constant", value: 0.5, final: { updates: 9, value: 1 } } } }],
    ["conjugateGradient", curves, { conjugateGradient: 7 }],
    ["damping", { name: "addition" }, { damping: 7 }],
    ["damping.drop", { name: "addition" }, { damping: { drop: 0 } }],
    ["weightDecay", curves, { weightDecay: -1 }],
  ])("refuse a wrong %s", (option, task, optimizer, more) => {
    let refused: unknown;
    try {
      spec(task, optimizer, more);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InvalidOptionError);
    expect((refused as InvalidOptionError).option).toBe(option);
  });

  it("refuse a budget of steps for an optimizer that makes none", () => {
    expect(() =>
      checkTrialSpec({
        task: curves,
        optimizer: { method: "sgd", learningRate: 0.1 },
        batchSize: 10,
        updates: 5,
        conjugateGradientSteps: 9,
      }),
    ).toThrow("sgd makes no steps of conjugate gradient");
  });

  it("in words say what matters", () => {
    expect(describeTask(spec({ name: "curves" }))).toBe(
      "20,000 training and 10,000 test images, gradients of all cases, curvature of 5,000, 4 updates",
    );
    expect(describeOptimizer(spec({ name: "curves" }))).toBe(
      "damping from 45, at most 250 steps of conjugate gradient an update, decay 0.95, weight decay 0.00002",
    );
    const hybrid = spec(
      { name: "curves" },
      { variant: "momentum", learningRate: { schedule: "inverse", numerator: 500, offset: 2 } },
      { conjugateGradientSteps: 1000 },
    );
    expect(describeTask(hybrid)).toContain("gradients and curvature of 1,250, at most 4 updates or 1,000 steps of conjugate gradient");
    expect(describeOptimizer(hybrid)).toBe(
      "the momentum variant, neither line search nor backtracking, learning rate min(1, 500 / (t - 2)), damping from 45, 50 steps of " +
        "conjugate gradient an update, decay 0.95, weight decay 0.00002",
    );
    expect(describeOptimizer(spec({ name: "addition" }))).toContain("structural damping 0.03, 300 steps of conjugate gradient an update");
  });
});

describe("the batches of an update", () => {
  const data = { inputs: Float32Array.from({ length: 60 }, (_, i) => i), cases: 60 };
  const source = { kind: "cases", train: data } as const;
  const curves = { name: "curves", cases: 60 };
  const inputs = (made: HessianFreeTrialSpec, t: number) => hessianFreeBatches(source, made, t).batch.inputs;

  it("are the whole data set, itself", () => {
    expect(hessianFreeBatches(source, spec(curves), 3).batch).toBe(data);
    expect(hessianFreeBatches(source, spec(curves, { gradientCases: 60 }), 3).batch).toBe(data);
  });

  it("are minibatches of reshuffled epochs, each a function of its update alone", () => {
    const made = spec(curves, { gradientCases: 20 }, { updates: 10 });
    const all = [...minibatches(data, { size: 20, updates: 10, seed: 5 })].map((batch) => batch.inputs);
    for (const t of [9, 0, 4, 3]) expect(inputs(made, t)).toEqual(all[t]);
  });

  it("change their size where a schedule does, and are then those of the new size", () => {
    const made = spec(
      curves,
      { gradientCases: { schedule: "piecewise", values: [20, 30, 60], at: [2, 5] }, curvatureCases: "gradient" },
      { updates: 7 },
    );
    expect([0, 1, 2, 3, 4, 5, 6].map((t) => inputs(made, t).length)).toEqual([20, 20, 30, 30, 30, 60, 60]);
    const larger = [...minibatches(data, { size: 30, updates: 5, seed: 5 })].map((batch) => batch.inputs);
    for (const t of [2, 3, 4]) expect(inputs(made, t)).toEqual(larger[t]);
    expect(inputs(made, 5)).toBe(data.inputs);
  });

  it("are fresh sequences for recurrent problems, and steps are judged on others", () => {
    const made = spec(addition, quick);
    const { sequences, source: drawn } = prepareTask(made) as PreparedSequences;
    const { batch, lineSearch } = hessianFreeBatches(drawn, made, 2);
    expect([batch.cases, lineSearch?.cases]).toEqual([30, 12]);
    expect(batch).toEqual(sequences.batch(5, 2, 30));
    expect(hessianFreeBatches(drawn, made, 2)).toEqual({ batch, lineSearch });
    const values = (from: typeof batch, c: number) =>
      Array.from({ length: from.steps! }, (_, t) => from.inputs[(t * from.cases + c) * 2]).join();
    const seen = new Set([...Array(30).keys()].map((c) => values(batch, c)));
    for (let c = 0; c < 12; c++) expect(seen.has(values(lineSearch!, c))).toBe(false);
    expect(hessianFreeBatches(drawn, made, 3).batch.inputs).not.toEqual(batch.inputs);
    expect(hessianFreeBatches(drawn, spec(addition, { variant: "momentum", gradientCases: 30 }), 2)).toEqual({ batch });
  });
});

describe("Hessian-free trials", () => {
  const small = { name: "curves", cases: 60, testCases: 20 };
  const growing = { schedule: "piecewise", values: [10, 25], at: [2] };
  it.each<[string, object, object]>([
    ["curves", small, { curvatureCases: 15, conjugateGradient: { maximum: 3 } }],
    [
      "curves, momentum variant, batches that grow",
      small,
      {
        variant: "momentum",
        gradientCases: growing,
        conjugateGradient: { maximum: 2, decay: { schedule: "piecewise", values: [0.9, 0.99], at: [3] } },
      },
    ],
    ["addition", addition, quick],
    [
      "memory20, momentum variant",
      { name: "memory20", length: 24, hidden: 6, testCases: 20 },
      { variant: "momentum", gradientCases: growing, conjugateGradient: { maximum: 3 } },
    ],
  ])("report every update, and go on from any state to the same bits: %s", (_, task, optimizer) =>
    onOneThread((runtime) => {
      const made = spec(task, optimizer);
      const prepared = prepareTask(made);
      const whole = startTrial(runtime, made, prepared);
      const states: TrialState[] = [];
      const reports: Report[] = [];
      for (const report of whole.reports) {
        reports.push(report);
        states.push(whole.getState());
      }
      expect(reports.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4]);
      let steps = 0;
      for (const [at, report] of reports.entries()) {
        expect(measureOf(report, prepared.watched.key)).toBeGreaterThan(0);
        if (at === 0) continue;
        const {
          lambda,
          rho,
          conjugateGradientSteps,
          totalConjugateGradientSteps,
          conjugateGradientEnd,
          chosenStep,
          lineSearchRate,
          casesProcessed,
        } = report as Required<Report>;
        steps += conjugateGradientSteps;
        expect(totalConjugateGradientSteps).toBe(steps);
        expect(lambda).toBeGreaterThan(0);
        expect(rho === null || Number.isFinite(rho)).toBe(true);
        expect(conjugateGradientEnd).toBe("maximum");
        expect(chosenStep).toBeLessThanOrEqual(conjugateGradientSteps);
        expect(lineSearchRate).toBeGreaterThanOrEqual(0);
        expect(casesProcessed).toBeGreaterThan(reports[at - 1].casesProcessed);
        expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      }
      for (const from of [0, 1, 3, 4]) {
        const later = startTrial(runtime, made, prepared, states[from]);
        expect(withoutSeconds([...later.reports])).toEqual(withoutSeconds(reports.slice(from === 0 ? 0 : from + 1)));
        expect(isSame(later.network.getParameters(), whole.network.getParameters())).toBe(true);
        later.network.dispose();
      }
    }),
  );

  it("can be left inside an update: the state is that of the last one finished, and goes on to the same bits", () =>
    onOneThread((runtime) => {
      const made = spec(small, { curvatureCases: 15, conjugateGradient: { maximum: 3 } });
      const prepared = prepareTask(made) as PreparedImages;
      const whole = startTrial(runtime, made, prepared);
      const reports = [...whole.reports];

      const left = startTrial(runtime, made, prepared);
      let finished = left.getState();
      const details = new Set<string>();
      for (const slice of left.slices) {
        if (slice.report !== undefined) {
          finished = left.getState();
          continue;
        }
        details.add(slice.detail);
        expect(slice.share).toBeGreaterThanOrEqual(0);
        expect(slice.share).toBeLessThanOrEqual(1);
        const state = left.getState();
        expect([state.update, state.totals, state.seconds]).toEqual([finished.update, finished.totals, finished.seconds]);
        expect(isSame(state.parameters, finished.parameters)).toBe(true);
        // Whatever is measured in between disturbs nothing.
        prepared.measure(left.network);
        if (state.update === 2 && slice.detail === "search") break;
      }
      // How many steps a slice has depends on the machine.
      for (const detail of ["gradient", "CG step 0", "search"]) expect(details.has(detail)).toBe(true);
      expect(left.slices.next().done).toBe(true);
      expect(left.secondsSpent()).toBeGreaterThanOrEqual(finished.seconds);

      const later = startTrial(runtime, made, prepared, left.getState());
      expect(withoutSeconds([...later.reports])).toEqual(withoutSeconds(reports.slice(3)));
      expect(isSame(later.network.getParameters(), whole.network.getParameters())).toBe(true);
    }));

  it("end with the update that reaches a budget of steps, and measure it", () =>
    onOneThread((runtime) => {
      const made = spec(addition, quick, { updates: 5000, conjugateGradientSteps: 10 });
      const prepared = prepareTask(made);
      const trial = startTrial(runtime, made, prepared);
      const reports = [...trial.reports];
      expect(reports.map(({ totalConjugateGradientSteps }) => totalConjugateGradientSteps)).toEqual([undefined, 4, 8, 12]);
      expect(reports[3].zeroOne).toBeGreaterThan(0);
      expect([...startTrial(runtime, made, prepared, trial.getState()).reports]).toEqual([]);
    }));

  it("measure their error at each of their first updates, and then less often", () => {
    expect(hessianFreeReportUpdates(4)).toEqual([0, 1, 2, 3, 4]);
    const many = hessianFreeReportUpdates(5000);
    expect(many.slice(0, 502)).toEqual(Array.from({ length: 502 }, (_, i) => i));
    expect(many.at(-1)).toBe(5000);
    expect(many.length).toBeLessThan(2000);
  });

  it("are kept by checkpoints", () =>
    onOneThread(async (runtime) => {
      const made = spec(addition, quick);
      const prepared = prepareTask(made);
      const trial = startTrial(runtime, made, prepared);
      const reports: Report[] = [];
      for (const report of trial.reports) if (reports.push(report) === 3) break;
      const checkpoint = { spec: made, kernels: "simd", state: trial.getState(), reports } as const;
      expect(checkpoint.state.optimizer).toMatchObject({
        method: "hessianFree",
        update: 2,
        lambda: expect.any(Number),
        start: expect.any(Float32Array),
      });
      expect(await decodeCheckpoint(await encodeCheckpoint(checkpoint), "file")).toEqual(checkpoint);
    }));

  it("become pages, alone and beside others", () =>
    onOneThread((runtime) => {
      const nag = checkTrialSpec({
        task: small,
        optimizer: { method: "nesterov", learningRate: 0.01, momentum: 0.9 },
        batchSize: 20,
        updates: 4,
        seed: 5,
      });
      const specs = [nag, spec(small, { curvatureCases: 15, conjugateGradient: { maximum: 2 } })];
      const prepared = prepareTask(nag) as PreparedImages;
      const ended = specs.map((one, at) => {
        const trial = startTrial(runtime, one, prepared);
        return endTrial(["NAG", "HF"][at], trial, prepared, runtime, [...trial.reports]);
      });
      const { columns, rows } = resultTable(ended, prepared);
      expect(columns.map(({ title }) => title)).toEqual([
        "Optimizer",
        "Learning rate",
        "Training error",
        "Test error",
        "Updates",
        "CG steps",
        "Cases processed",
        "Time",
        "ms per update",
      ]);
      expect(rows.map((row) => row[5])).toEqual(["-", "8", "-"]);
      expect(rows[0][6]).toBe("80");
      for (const row of rows) expect(row).toHaveLength(columns.length);
      expect(ended[1].record).toMatchObject({
        update: 4,
        conjugateGradientSteps: 8,
        casesProcessed: expect.any(Number),
        final: { testError: expect.any(Number) },
      });

      const page = (some: readonly EndedTrial[]) => trialPage(some).sections.map(({ title }) => title);
      const after = ["What to see", "Settings", "What was run"];
      const pictures = "Test images and their reconstructions";
      const beside = [...["updates", "time", "cases processed"].map((axis) => `Training error against ${axis}`), pictures];
      expect(imagesFigures(shownTrials(ended) as Shown<unknown, PreparedImages>).map(({ title }) => title)).toEqual(beside);
      expect(page(ended)).toEqual(["Result", ...beside, ...after]);
      expect(page([ended[1]])).toEqual([
        "Result",
        "Training error against steps of conjugate gradient",
        "Training error against time",
        pictures,
        "Damping",
        ...after,
      ]);
      expect(page([ended[0]])).toEqual(["Result", "Training error against updates", pictures, ...after]);
      const html = htmlPage(trialPage(ended, { title: "T", explanation: [] }));
      expect(html.match(/<path class="line3"/g)?.length).toBeGreaterThanOrEqual(6);
      expect(html).not.toMatch(/NaN|undefined|Infinity/);

      const recurrent = spec(addition, quick);
      const task: PreparedTask = prepareTask(recurrent);
      const trial = startTrial(runtime, recurrent, task);
      const alone = [endTrial("HF", trial, task, runtime, [...trial.reports])];
      const plots = [
        "Zero-one error against steps of conjugate gradient",
        "Loss against steps of conjugate gradient",
        "Spectral radius of the recurrent weights",
      ];
      expect(sequencePlots(shownTrials(alone) as Shown<unknown, PreparedSequences>).map(({ title }) => title)).toEqual(plots);
      expect(page(alone)).toEqual(["Result", ...plots, "Hidden states before and after training", "Damping", ...after]);
    }));
});
