import { checkTrialSpec, countTrials, expandSweep, InvalidSweepError, type Schedule, type Sweep, scheduleValue, trialKey } from "heavyball";
import { describe, expect, it } from "vitest";
import { roundsOf } from "#internal/sweeps/pilot";
import { shortenedSpec } from "#internal/sweeps/shortenedSpec";
import { tinySweep, tinyTrial } from "../support/sweeps.js";

const rateOf = ({ optimizer }: { readonly optimizer: object }) => (optimizer as { readonly learningRate: unknown }).learningRate;

function problemsOf(sweep: unknown): readonly { readonly path: string; readonly message: string }[] {
  try {
    expandSweep(sweep as Sweep);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidSweepError);
    return (error as InvalidSweepError).problems;
  }
  throw new Error("nothing was thrown");
}
const pathsOf = (sweep: unknown) => problemsOf(sweep).map(({ path }) => path);

describe("a sweep", () => {
  it("is refused where a path of its grid replaces what one before it sets, not the other way round", () => {
    const optimizers = [{ method: "sgd", learningRate: 0.5 }];
    const rates = [0.1, 0.01];
    const wrong = { trial: tinyTrial, grid: { "optimizer.learningRate": rates, optimizer: optimizers } };
    expect(problemsOf(wrong)).toMatchObject([
      { path: 'grid["optimizer"]', message: expect.stringMatching(/replaces what "optimizer\.learningRate" sets before it; put it first/) },
    ]);
    const right = { trial: tinyTrial, grid: { optimizer: optimizers, "optimizer.learningRate": rates } };
    expect([...expandSweep(right)].map(rateOf)).toEqual(rates);
  });

  it("has the trials of its grid, checked and with defaults, the last path changing fastest", () => {
    const specs = [...expandSweep(tinySweep)];
    expect(specs).toHaveLength(countTrials(tinySweep));
    expect(specs.map((spec) => [rateOf(spec), spec.seed]).slice(0, 4)).toEqual([
      [1e30, 1],
      [1e30, 2],
      [0.01, 1],
      [0.01, 2],
    ]);
    expect(specs[0]).toEqual(
      checkTrialSpec({ ...tinyTrial, optimizer: { method: "nesterov", momentum: 0.5, learningRate: 1e30 }, seed: 1 }),
    );
  });

  it("may be a list of trials, some with grids and names, and may set what lies in a list", () => {
    const piecewise = { schedule: "piecewise", values: [0.5, 0.9], at: [3] };
    const optimizer = { method: "nesterov", learningRate: 0.01, momentum: piecewise };
    const specs = [
      ...expandSweep({
        trials: [
          { ...tinyTrial, optimizer },
          { name: "later", trial: { ...tinyTrial, optimizer }, grid: { "optimizer.momentum.values[1]": { low: 0.6, high: 0.99 } } },
        ],
      }),
    ];
    const values = specs.map((spec) => (spec.optimizer as unknown as { momentum: { values: number[] } }).momentum.values);
    expect(values).toEqual([
      [0.5, 0.9],
      [0.5, 0.6],
      [0.5, 0.99],
    ]);
  });

  it("takes a list as one value where the value is a list", () => {
    const trial = { task: { name: "data" }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 3 };
    const specs = [...expandSweep({ trial, grid: { "task.hidden": [[], [10], [10, 5]] } })];
    expect(specs.map(({ task }) => (task as unknown as { hidden: number[] }).hidden)).toEqual([[], [10], [10, 5]]);
  });

  it("of a million trials is planned one by one, its values all having been looked at", () => {
    const grid = {
      "optimizer.learningRate": Array.from({ length: 100 }, (_, i) => (i + 1) * 1e-4),
      seed: Array.from({ length: 100 }, (_, i) => i),
      updates: Array.from({ length: 100 }, (_, i) => i + 1),
    };
    const big = { trial: tinyTrial, grid };
    expect(countTrials(big)).toBe(1_000_000);
    const trials = expandSweep(big)[Symbol.iterator]();
    expect([trials.next().value?.updates, trials.next().value?.updates]).toEqual([1, 2]);
    grid.seed[99] = -1;
    grid.updates[57] = 0.5;
    expect(pathsOf(big)).toEqual(['grid["seed"][99]', 'grid["updates"][57]']);
  });
});

describe("the mistakes of a sweep", () => {
  it("in what is measured are told beside those of names, paths and shares", () => {
    const choose = { path: "sed", by: "trainingError" };
    expect([...pathsOf({ ...tinySweep, choose, pilot: { share: 2 }, names: { sed: "x" } })].sort()).toEqual(
      ["choose.by", "choose.path", 'names["sed"]', "pilot.share"].sort(),
    );
  });

  it("are told of a path of thousands of steps too", () => {
    expect(pathsOf({ trial: tinyTrial, grid: { [`a${".a".repeat(20_000)}`]: [1], "optimizer.learningRate": [-1] } })).toHaveLength(2);
  });

  it("are told all at once, each with its path", () => {
    const trial = {
      task: { name: "addition", lenth: 10 },
      optimizer: { method: "nesterov", momentum: 2, friction: 1 },
      initialization: { method: "echoState", fanIn: -1 },
      updates: 0,
      batchSize: "many",
      extra: 1,
    };
    const grid = { "optimizer.learningRate": [0.1, -1, "fast"], seed: [1, 0.5], "task.hidden": [], "9": [1], "a..b": [1] };
    const names = { seed: 3, updates: "n", "optimizer.learningRate": " " };
    const found = pathsOf({ trial, grid, pilot: { share: 2, by: "luck" }, chose: {}, names });
    expect([...found].sort()).toEqual(
      [
        "chose",
        'grid["9"]',
        'grid["a..b"]',
        'grid["optimizer.learningRate"][1]',
        'grid["optimizer.learningRate"][2]',
        'grid["seed"][1]',
        'grid["task.hidden"]',
        'names["optimizer.learningRate"]',
        'names["seed"]',
        'names["updates"]',
        "pilot",
        "pilot.by",
        "pilot.share",
        "trial.batchSize",
        "trial.extra",
        "trial.initialization.fanIn",
        "trial.optimizer.friction",
        "trial.optimizer.momentum",
        "trial.task.lenth",
        "trial.updates",
      ].sort(),
    );
  });

  it("are told by the dozen, and of more than a hundred that no more were looked for", () => {
    const wrong = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`unknown${at}`, at]));
    const optimizer = { ...tinyTrial.optimizer, learningRate: 0.1 };
    expect(pathsOf({ trial: { ...tinyTrial, optimizer, ...wrong(60) } })).toEqual(Object.keys(wrong(60)).map((key) => `trial.${key}`));
    const problems = problemsOf({ trial: tinyTrial, grid: { updates: Array(150).fill(0) } });
    expect(problems).toHaveLength(100);
    expect(new InvalidSweepError(problems).message).toMatch(/^the sweep has 100 mistakes, and no more were looked for:\n/);
    expect(new InvalidSweepError(problems.slice(1)).message).toMatch(/^the sweep has 99 mistakes:\n/);
  });

  it("are found among a million seeds, at once", () => {
    const seeds: unknown[] = Array.from({ length: 1_000_000 }, (_, at) => at);
    const grid = { seed: seeds, "task.seed": [1, 2, 3] };
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.1 } };
    expect(countTrials({ trial, grid })).toBe(3_000_000);
    [seeds[5], seeds[999_999]] = [0.5, "9"];
    expect(pathsOf({ trial: { ...trial, updates: 0 }, grid })).toEqual(["trial.updates", 'grid["seed"][5]', 'grid["seed"][999999]']);
    // Of a path that takes no seeds none is right.
    expect(pathsOf({ trial, grid: { "optimizer.seed": [1, 2] } })).toEqual(['grid["optimizer.seed"][0]', 'grid["optimizer.seed"][1]']);
  });

  it.each<[object, string[]]>([
    [{ momentum: { schedule: "sutskver", max: 2, period: -1 } }, ["schedule", "max", "period"]],
    [{ momentum: { schedule: "inverse", numerator: -1, offset: 0.5, max: -1 } }, ["numerator", "offset", "max"]],
    [
      { momentum: { schedule: "piecewise", values: [], at: 7, final: { updates: -1, value: 7, form: 1 } } },
      ["values", "at", "final.form", "final.updates", "final.value"],
    ],
    [{ momentum: { schedule: "piecewise", values: [0.9, 2, "x"], at: [5] } }, ["at", "values[1]", "values[2]"]],
    [
      { momentum: { schedule: "piecewise", values: [{ schedule: "constnt", value: 3 }, 2], at: [-5] } },
      ["at[0]", "values[0].schedule", "values[0].value", "values[1]"],
    ],
  ])("inside a schedule are all told, those after one without which it is none too: %j", (optimizer, inside) => {
    const trial = {
      task: { name: "curves" },
      optimizer: { method: "nesterov", learningRate: 0.1, ...optimizer },
      updates: 10,
      batchSize: 0,
    };
    const found = pathsOf({ trial, grid: { seed: [1, -1] } });
    const paths = inside.map((path) => `trial.optimizer.momentum.${path}`);
    expect([...found].sort()).toEqual([...paths, "trial.batchSize", 'grid["seed"][1]'].sort());
  });

  it("beside a misspelled word are told of what the word stands for", () => {
    const initialization = { method: "spars", fanIn: -1, scale: 0, bar: 2 };
    const optimizer = { method: "hesianFree", variant: "momentun", damping: { drop: 5 } };
    expect([...pathsOf({ trial: { task: { name: "curves" }, optimizer, initialization, updates: 10 } })].sort()).toEqual([
      "trial.initialization.bar",
      "trial.initialization.fanIn",
      "trial.initialization.method",
      "trial.initialization.scale",
      "trial.optimizer.damping.drop",
      "trial.optimizer.method",
      "trial.optimizer.variant",
    ]);
  });

  it("are found in every part of a list, and told of the value that they come from", () => {
    const good = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.1 } };
    const found = pathsOf({
      trials: [
        { ...good, updates: -1 },
        good,
        7,
        { name: 1, trial: good, grid: { "task.name": ["addition", "additoin"], "optimizer.momentum.values[1]": [0.9] } },
      ],
    });
    expect([...found].sort()).toEqual(
      [
        "trials[0].updates",
        "trials[2]",
        'trials[3].grid["optimizer.momentum.values[1]"]',
        'trials[3].grid["task.name"][1]',
        "trials[3].name",
      ].sort(),
    );
  });

  it("are found where two values do not go together, of a product that can be looked at whole", () => {
    const optimizer = { learningRate: 0.1 };
    const grid = { "optimizer.method": ["nesterov", "sgd"], "optimizer.momentum": [0.9, 0.99] };
    const found = problemsOf({ trial: { ...tinyTrial, optimizer }, grid });
    expect(found.map(({ path }) => path)).toEqual(['grid["optimizer.momentum"][0]']);
    expect(found[0].message).toMatch(/^optimizer\.momentum is 0\.9; optimizer\.momentum must be left out: sgd knows/);
  });

  it.each<[unknown, string]>([
    [null, "sweep"],
    [{}, "trial"],
    [{ trial: 3 }, "trial"],
    [{ trials: [] }, "trials"],
    [{ trial: tinyTrial, trials: [] }, "trial"],
    [{ ...tinySweep, choose: { path: "updates" } }, "choose.path"],
    [{ ...tinySweep, choose: { path: "seed", over: "seed" } }, "choose.over"],
    [{ ...tinySweep, choose: { path: "seed", by: "accuracy" } }, "choose.by"],
    [{ ...tinySweep, choose: { path: "seed", by: "trainingError" } }, "choose.by"],
    [{ ...tinySweep, choose: undefined, pilot: {} }, "pilot"],
    [{ ...tinySweep, pilot: { by: "accuracy" } }, "pilot.by"],
    [{ ...tinySweep, pilot: { by: null } }, "pilot.by"],
    [{ ...tinySweep, pilot: { by: "trainingError" } }, "pilot.by"],
    [{ ...tinySweep, grid: [1] }, "grid"],
    ...[new Map([["seed", [1]]]), new Set([1])].flatMap((keyed): [unknown, string][] => [
      [keyed, "sweep"],
      [{ ...tinySweep, grid: keyed }, "grid"],
      [{ ...tinySweep, grid: { seed: keyed } }, 'grid["seed"]'],
      [{ ...tinySweep, trial: keyed }, "trial"],
      [{ ...tinySweep, choose: keyed }, "choose"],
      [{ ...tinySweep, pilot: keyed }, "pilot"],
      [{ ...tinySweep, names: keyed }, "names"],
      [{ trials: [keyed] }, "trials[0]"],
      [{ trial: { ...tinyTrial, task: keyed } }, "trial.task"],
      [{ trial: { ...tinyTrial, optimizer: keyed } }, "trial.optimizer"],
    ]),
  ])("of form: %j", (sweep, path) => {
    expect(pathsOf(sweep)).toContain(path);
  });
});

describe("what a sweep has not, or twice", () => {
  const good = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.1 } };
  const sparse: number[] = [1];
  sparse[10_000] = 2;

  it.each<[what: string, sweep: unknown, problems: string[]]>([
    // biome-ignore lint/suspicious/noSparseArray: this is about them
    ["a hole", { trial: good, grid: { seed: [1, , 2] } }, ['grid["seed"][1]: is a hole in the list; it must be a value']],
    ["many holes", { trial: good, grid: { seed: sparse } }, ['grid["seed"][1]: is a hole in the list; it must be a value']],
    ["nothing else", { trial: good, grid: { seed: Array(3) } }, ['grid["seed"][0]: is a hole in the list; it must be a value']],
    ["undefined", { trial: good, grid: { seed: [1, undefined] } }, ['grid["seed"][1]: is undefined; it must be a value']],
    [
      "a name without value",
      { trial: good, grid: { seed: { a: 1, b: undefined } } },
      ['grid["seed"]["b"]: is undefined; it must be a value'],
    ],
    // biome-ignore lint/suspicious/noSparseArray: this is about them
    ["a hole among trials", { trials: [good, , good] }, ["trials[1]: is a hole in the list; it must be a trial"]],
    [
      "values twice",
      { trial: good, grid: { seed: [1, 2, 1, 1], "optimizer.learningRate": { a: 0.1, b: 0.2, c: 0.1 } } },
      [
        'grid["seed"][2]: is 1, as [0] is; leave one of them out: it would count twice',
        'grid["seed"][3]: is 1, as [0] is; leave one of them out: it would count twice',
        'grid["optimizer.learningRate"]["c"]: is 0.1, as ["a"] is; leave one of them out: it would count twice',
      ],
    ],
    [
      "objects twice, whatever the order of their keys",
      { trials: [{ name: "x", trial: good, grid: { optimizer: [good.optimizer, { learningRate: 0.1, method: "sgd" }] } }] },
      ['trials[0].grid["optimizer"][1]: is {"learningRate":0.1,"method":"sgd"}, as [0] is; leave one of them out: it would count twice'],
    ],
    [
      "entries twice, be it by a default",
      { trials: [good, { ...good, optimizer: { method: "sgd", learningRate: 0.2 } }, { trial: { ...good, initialization: undefined } }] },
      ["trials[2]: is the same as trials[0]; leave one of them out, or give both names of their own"],
    ],
    [
      "entries with grids twice",
      { trials: [1, 2].map(() => ({ trial: good, grid: { seed: [1, 2] } })) },
      ["trials[1]: is the same as trials[0]; leave one of them out, or give both names of their own"],
    ],
    [
      "names twice",
      {
        trials: [{ name: "a", trial: good }, { name: "a", trial: { ...good, seed: 1 } }, { name: "4", trial: { ...good, seed: 2 } }, good],
      },
      [
        'trials[1].name: is "a", as trials[0].name is; give one of them another name',
        'trials[3]: has no name, and its number, "4", is that of trials[2].name; give one of them another name',
      ],
    ],
    [
      "what paths are called in tables twice",
      { trial: good, grid: { seed: [1], updates: [1], batchSize: [2] }, names: { updates: "n", batchSize: "n", seed: "seed" } },
      ['names["batchSize"]: is "n", as "updates" is called; give one of them another name'],
    ],
    [
      "a path called as another is",
      { trial: good, grid: { seed: [1], updates: [1] }, names: { seed: "updates" } },
      ['names["seed"]: is "updates", as "updates" is called; give one of them another name'],
    ],
    [
      "a path without values",
      { trial: good, grid: { seed: [], updates: [1] }, choose: { path: "updates", over: "seed" } },
      ['grid["seed"]: is []; it must be a list of values, or an object of values by their names, with at least one'],
    ],
    [
      "a measure of no task, once",
      { trial: good, grid: { seed: [1] }, choose: { path: "seed" }, pilot: { by: 3 } },
      [expect.stringMatching(/^pilot\.by: is 3; it must be one of /)],
    ],
  ])("%s: is told with its path", (_what, sweep, problems) => {
    expect(problemsOf(sweep).map(({ path, message }) => `${path}: ${message}`)).toEqual(problems);
  });

  it("does not keep parts with names of their own from sharing trials", () => {
    expect(countTrials({ trials: ["a", "b"].map((name) => ({ name, trial: good, grid: { seed: [1, 2] } })) })).toBe(4);
  });
});

describe("a trial's key", () => {
  const spec = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.1 } };

  it("is the SHA-256 of spec, numerics and kernels, whatever the order of keys and what is left to defaults", async () => {
    const key = await trialKey(spec, { kernels: "simd", numerics: 1 });
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const turned = Object.fromEntries(Object.entries(checkTrialSpec(spec)).reverse());
    expect(await trialKey(turned, { numerics: 1, kernels: "simd" })).toBe(key);
  });

  it("differs where bits differ: by spec, kernels and numerics version", async () => {
    const keys = await Promise.all([
      trialKey(spec, { kernels: "simd", numerics: 1 }),
      trialKey(spec, { kernels: "relaxed", numerics: 1 }),
      trialKey(spec, { kernels: "simd", numerics: 2 }),
      trialKey({ ...spec, seed: 8 }, { kernels: "simd", numerics: 1 }),
    ]);
    expect(new Set(keys).size).toBe(4);
  });
});

describe("successive halving", () => {
  it("halves what is left and doubles its share until one is left, or all is in full", () => {
    const short = (candidates: number, share: number) => roundsOf(candidates, share).map((round) => [round.candidates, round.share]);
    expect(short(6, 0.125)).toEqual([
      [6, 0.125],
      [3, 0.25],
      [2, 0.5],
      [1, 1],
    ]);
    expect(short(8, 0.5)).toEqual([
      [8, 0.5],
      [4, 1],
    ]);
    expect(short(1, 0.1)).toEqual([[1, 1]]);
  });

  const full = (optimizer: object, more: object = {}) => checkTrialSpec({ ...tinyTrial, optimizer, updates: 100_000, ...more });
  const withMomentum = (momentum: object) => full({ method: "nesterov", learningRate: 0.01, momentum });
  const momentumOf = (spec: object) => (spec as { optimizer: { momentum: unknown } }).optimizer.momentum;

  it("shortens whatever counts updates", () => {
    const momentum = { schedule: "sutskever", max: 0.99, period: 250, final: { updates: 1000, value: 0.9 } };
    const spec = withMomentum(momentum);
    expect(shortenedSpec(spec, 0.1)).toEqual({
      ...spec,
      updates: 10_000,
      optimizer: { ...spec.optimizer, momentum: { ...momentum, period: 25, final: { updates: 100, value: 0.9 } } },
    });
    expect(shortenedSpec(spec, 1)).toEqual(spec);
    const short = (schedule: object) => momentumOf(shortenedSpec(withMomentum(schedule), 0.01));
    const pieces = { schedule: "piecewise", values: [0.5, 0.6, 0.7, 0.8, 0.9], at: [0, 20, 30, 1000] };
    expect(short(pieces)).toEqual({ ...pieces, at: [0, 1, 2, 10] });
    const inverse = { schedule: "inverse", numerator: 500, offset: 4000, max: 1 };
    expect(short(inverse)).toEqual({ ...inverse, numerator: 5, offset: 40 });
    const from = { schedule: "constant", value: 0.99, final: { from: 500, value: 0.9 } };
    expect(short(from)).toEqual({ ...from, final: { from: 5, value: 0.9 } });
    const nested = { schedule: "piecewise", values: [0.9, { schedule: "sutskever", max: 0.99, period: 250 }], at: [1000] };
    expect(short(nested)).toEqual({ ...nested, values: [0.9, { schedule: "sutskever", max: 0.99, period: 3 }], at: [10] });
    const steps = full({ method: "hessianFree" }, { batchSize: undefined, conjugateGradientSteps: 500 });
    expect(shortenedSpec(steps, 0.1)).toMatchObject({ updates: 10_000, conjugateGradientSteps: 50 });
  });

  it("leaves at least one update of everything", () => {
    const momentum = { schedule: "sutskever", max: 0.99, period: 250, final: { updates: 1000, value: 0.9 } };
    const { updates, optimizer } = shortenedSpec(withMomentum(momentum), 1e-9);
    expect([updates, optimizer]).toMatchObject([1, { momentum: { period: 1, final: { updates: 1 } } }]);
  });

  it("lowers a maximum that is not reached to what is, so that trials of the same numbers are one", () => {
    const momentum = (max: number, final: object = {}) => withMomentum({ schedule: "sutskever", max, period: 250, ...final });
    // 20 updates, a step each: 0.975 = 1 - 1/40 is the last.
    const short = [0.9, 0.99, 0.999].map((max) => momentumOf(shortenedSpec(momentum(max), 0.0002)));
    expect(short).toMatchObject([{ max: 0.9 }, { max: 1 - 1 / 40 }, { max: 1 - 1 / 40 }]);
    expect(momentumOf(shortenedSpec(momentum(0.99, { final: { updates: 50_000, value: 0.9 } }), 0.0002))).toMatchObject({ max: 0.95 });
    expect(momentumOf(shortenedSpec(momentum(0.99, { final: { from: 25_000, value: 0.9 } }), 0.0002))).toMatchObject({ max: 0.9 });
    for (let t = 0; t < 20; t++) {
      const [, lowered, high] = short.map((schedule) => scheduleValue(schedule as Schedule, t, 20));
      expect([t, lowered]).toEqual([t, high]);
      expect(high).toBe(scheduleValue({ schedule: "sutskever", max: 0.999, period: 1 }, t, 20));
    }
  });
});
