import { createRuntime, DivergedError, InvalidOptionError, type Runtime, runStudy } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { pictureFile } from "#internal/report/plot/pictureFile";
import { type Figure3Picture, type Figure3Result, judge, runFigure3 } from "#internal/studies/figure3/figure3";
import { figure3Csv, statesCsv } from "#internal/studies/figure3/figure3Page";
import { hiddenStatesAfter } from "#internal/studies/figure3/hiddenStates";
import { measureStates, spreadOverSequences } from "#internal/studies/figure3/measures";
import { figure3Spec } from "#internal/studies/figure3/spec";
import { figure3 } from "#internal/studies/figure3/study";
import type { PreparedSequences } from "#internal/tasks/sequences/preparedSequences";
import { prepareTask } from "#internal/trials/trial";
import { teamOf } from "../support/teamOf.js";

const small = { length: 20, hidden: 8, updates: 6, learningRate: 0.01, seed: 2 };

function finish<Result>(work: Generator<unknown, Result, void>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

describe("what tells sequences apart in hidden states", () => {
  const shape = { steps: 2, cases: 2, hidden: 2 };

  it("is the root mean square of what is left of each state without the mean over sequences", () => {
    // Differences between the two sequences: 2, 0, 4 and 0, so deviations of 1, 0, 2 and 0 on either side.
    const states = Float32Array.of(/* step 0 */ 5, 7, 3, 7, /* step 1 */ -1, 0.5, 3, 0.5);
    expect(spreadOverSequences(states, shape)).toBeCloseTo(Math.sqrt((2 * 1 + 2 * 4) / 8), 12);
    expect(spreadOverSequences(states, { ...shape, steps: 1 })).toBeCloseTo(Math.sqrt(2 / 4), 12);
  });

  it("is 0 where all sequences are one", () => {
    expect(spreadOverSequences(Float32Array.of(1, 2, 1, 2, 3, 4, 3, 4), shape)).toBe(0);
    expect(spreadOverSequences(Float32Array.of(1, 2, 3, 4), { steps: 2, cases: 1, hidden: 2 })).toBe(0);
  });
});

describe("numbers about hidden states", () => {
  // Two steps of two sequences, one unit; a third step that does not count.
  const shape = { steps: 2, cases: 2, hidden: 1 };
  const start = Float32Array.of(1, 2, 3, 5, 100, 100);

  it("are root mean squares over the steps that count", () => {
    const states = Float32Array.of(1, 2, 3, 1, -100, -100);
    expect(measureStates(states, start, shape)).toEqual({
      size: Math.sqrt((1 + 4 + 9 + 1) / 4),
      oscillation: Math.sqrt((4 + 1) / 2),
      spread: spreadOverSequences(states, shape),
      difference: Math.sqrt(16 / 4),
      largestDifference: 4,
    });
  });

  it("know no change of one step, and no difference from themselves", () => {
    expect(measureStates(start, start, { ...shape, steps: 1 })).toMatchObject({ oscillation: 0, difference: 0, largestDifference: 0 });
  });
});

describe("the study figure3", () => {
  let result: Figure3Result;
  beforeAll(() => {
    result = finish(runFigure3(runtime, figure3Spec(small)));
  });

  it("shows the states at the start, and after the updates of a trial with either output bias", () => {
    const { spec, pictures, steps, cases } = result;
    const task = prepareTask(spec.trial) as PreparedSequences;
    const batch = task.heldOut();
    const { hidden } = task.network;
    expect([cases, batch.cases]).toEqual([20, 20]);
    const network = runtime.network(task.network);
    for (const [name, bias, updates] of [
      ["start", 0.5, 0],
      ["meanBias", 0.5, 6],
      ["zeroBias", 0, 6],
    ] as const) {
      network.initialize(spec.trial.initialization, spec.trial.seed);
      const parameters = network.getParameters();
      // Table 4's output bias is the mean target, and stands last.
      expect(parameters.at(-1)).toBe(0.5);
      parameters[parameters.length - 1] = bias;
      network.setParameters(parameters);
      const optimizer = runtime.optimizer(network, spec.trial.optimizer);
      for (let t = 0; t < updates; t++) {
        if (task.source.kind !== "drawn") throw new Error("sequences are drawn");
        optimizer.step(task.source.draw(t, spec.trial.batchSize));
      }
      optimizer.dispose();
      const states = network.activations(batch, 1);
      const { outputBias, states: shown, numbers } = pictures[name];
      expect([outputBias, pictures[name].updates]).toEqual([bias, updates]);
      expect(shown.length).toBeGreaterThanOrEqual(steps);
      shown.forEach((row, t) => {
        expect(row).toHaveLength(hidden);
        for (const [unit, value] of row.entries()) expect(Math.abs(value - states[t * cases * hidden + unit])).toBeLessThanOrEqual(5.1e-7);
      });
      expect(numbers.spread).toBe(spreadOverSequences(states, { steps, cases, hidden }));
    }
    network.dispose();
    expect(pictures.start.numbers.difference).toBe(0);
    expect(pictures.zeroBias.numbers.difference).toBeGreaterThan(0);
    expect(pictures.zeroBias.states).not.toEqual(pictures.meanBias.states);
  });

  it("finds the same again on another team, as plain data, and leaves the runtime as it was", async () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    const bytes = runtime.memory.memory.buffer.byteLength;
    const progress: number[] = [];
    const again = await runStudy("figure3", small, { runtime, onProgress: ({ share }) => progress.push(share) });
    expect(again.result).toEqual(result);
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect([progress.length, progress.at(-1)]).toEqual([12, 1]);
    const team = await createRuntime({ threads: teamOf(2), kernels: "simd" });
    expect((await runStudy("figure3", small, { runtime: team })).result).toEqual(result);
    await team.dispose();
  });

  it("gives back what it holds where it is left early, and where it diverges", () => {
    const bytes = runtime.memory.memory.buffer.byteLength;
    for (let times = 0; times < 40; times++) {
      const work = runFigure3(runtime, figure3Spec(small));
      work.next();
      work.return(result);
    }
    expect(() => finish(runFigure3(runtime, figure3Spec({ ...small, learningRate: 1e30 })))).toThrow(DivergedError);
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
  });

  it("makes no update where none is asked for", () => {
    const { trial } = figure3Spec(small);
    const task = prepareTask(trial) as PreparedSequences;
    const work = hiddenStatesAfter(runtime, trial, task, 0, task.heldOut());
    expect(work.next().done).toBe(true);
  });

  it("judges by the numbers alone", () => {
    const failed = (pictures: Figure3Result["pictures"]) => judge(pictures).flatMap(({ name, holds }) => (holds ? [] : [name]));
    const picture = (numbers: Partial<Figure3Picture["numbers"]>): Figure3Picture => ({
      ...result.pictures.start,
      numbers: { size: 1, oscillation: 1, spread: 1, difference: 0, largestDifference: 0, ...numbers },
    });
    const right = { start: picture({}), meanBias: picture({ difference: 0.1 }), zeroBias: picture({ oscillation: 0.5 }) };
    expect(failed(right)).toEqual([]);
    expect(failed({ ...right, meanBias: picture({ difference: 0.11 }) })).toEqual(["meanBias"]);
    expect(failed({ ...right, zeroBias: picture({ oscillation: 0.51 }) })).toEqual(["zeroBias"]);
    expect(failed({ ...right, start: picture({ size: NaN, oscillation: NaN }) })).toEqual(["meanBias", "zeroBias"]);
  });

  it("refuses problems without an output bias of their own, and numbers that it cannot have", () => {
    for (const options of [{ task: "memory5" }, { length: 9 }, { hidden: 0 }, { updates: 0 }, { learningRate: 0 }])
      expect(() => figure3.check(options)).toThrow(InvalidOptionError);
    expect(figure3.check({ task: "multiplication" }).trial.initialization).toMatchObject({ outputBiases: [0.25] });
  });

  it("leaves a picture, numbers and states of every picture and a page", () => {
    const { page, files, summary } = figure3.render(result, { facts: [], footer: "F" });
    expect(Object.keys(files)).toEqual(["figure3.csv", "states.csv", "statements.csv", "figure3.svg"]);
    const html = htmlPage(page);
    // Three maps and their color scale.
    expect(html.match(/<img /g)).toHaveLength(4);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(files["figure3.svg"].match(/<image /g)).toHaveLength(4);
    expect(files["figure3.svg"]).toContain("6 updates, output bias from 0.5");
    const { start, meanBias, zeroBias } = result.pictures;
    expect(figure3Csv(result).trim().split("\n")).toHaveLength(4);
    const rows = statesCsv(result).trim().split("\n");
    expect(rows).toHaveLength(1 + 3 * start.states.length);
    expect(rows[0]).toBe(`picture,step,${start.states[0].map((_, unit) => `unit${unit}`).join(",")}`);
    expect(rows.at(-1)).toBe(`zeroBias,${zeroBias.states.length - 1},${zeroBias.states.at(-1)!.join(",")}`);
    expect(meanBias.states).toHaveLength(start.states.length);
    expect(summary.join("\n")).toContain("from step to step at the start");
  });
});

describe("pictures as a file", () => {
  const values = Float32Array.from({ length: 12 }, (_, at) => at / 11);

  it("are one row under another, each with its caption, and the colors where there is a scale", () => {
    const rows = [
      { name: "first", values, captions: ["a", "b"] },
      { name: "<second>", values: values.subarray(0, 6) },
    ];
    const { markup } = pictureFile("T", { width: 3, height: 2, rows });
    expect(markup.match(/<image /g)).toHaveLength(3);
    for (const caption of [">a<", ">b<", ">&lt;second&gt;<"]) expect(markup).toContain(caption);
    expect(markup).toContain('aria-label="T: a; b; &lt;second&gt;"');
    const boxes = [...markup.matchAll(/<image x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    // Beside each other, then below; of the pictures' proportions.
    expect([boxes[1][1], boxes[2][0]]).toEqual([boxes[0][1], boxes[0][0]]);
    expect([boxes[1][0] >= boxes[0][2], boxes[2][1] >= boxes[0][3]]).toEqual([true, true]);
    for (const [, , width, height] of boxes) expect(Math.abs(width / height - 1.5)).toBeLessThan(0.01);
    const scaled = pictureFile("T", { width: 3, height: 2, rows, scale: { ticks: [{ place: 0, label: "low" }] } }).markup;
    expect(scaled.match(/<image /g)).toHaveLength(4);
    expect(scaled).toContain(">low<");
  });
});
