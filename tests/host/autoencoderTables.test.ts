import { memorySweepStore, renderStudy, runStudy, studies, type TrialSpec, trialKey } from "heavyball";
import { describe, expect, it } from "vitest";
import { facesKind } from "#internal/tasks/faces/facesKind";
import { mnistKind } from "#internal/tasks/mnist/mnistKind";
import { rejection } from "../support/failures.js";
import { type Invented, inventor, momentumOf, rateOf } from "../support/inventedTrials.js";

const { table1, table2, table3 } = studies;
type Name = "table1" | "table2" | "table3";
type Momentum = { readonly max: number } | undefined;

const rows: Readonly<Record<string, string>> = { curves: "CURVES", mnist: "MNIST", faces: "FACES" };
const maxOf = (spec: TrialSpec) => (momentumOf(spec) as Momentum)?.max;

/** The paper's numbers at a rate of 0.01 and 0.001, worse at others; Adam's are better than all. */
function likePaper(spec: TrialSpec): Invented {
  const { sgd, nag, cm } = table1.paper.rows.find(({ row }) => row === rows[spec.task.name])!;
  const column = [0.9, 0.99, 0.995, 0.999].indexOf(maxOf(spec)!);
  const numbers = { sgd, nesterov: nag[column], classicalMomentum: cm[column], adam: 0.01 } as Record<string, number>;
  const error = numbers[spec.optimizer.method] + (rateOf(spec) === 0.01 || spec.optimizer.method === "adam" ? 0 : 1);
  return maxOf(spec) === undefined ? error : { error, before: 1.25 * error };
}

/** As much as a runtime would refuse to leave out: what the invented trials never read. */
const data = { from: "a program" };

const run = (name: Name, outcome = likePaper, options: object = {}, running: object = {}) => {
  const executor = inventor(outcome);
  return runStudy(name, options, { executor, store: memorySweepStore(), data, ...running }).then((made) => ({ ...made, executor }));
};

/** The keys of every trial of a study. */
async function keysOf(name: Name, options: object): Promise<Set<string>> {
  const keys = new Set<string>();
  const store = memorySweepStore();
  await run(name, likePaper, options, { store, onRow: ({ key }: { key: string }) => void keys.add(key) });
  return keys;
}

describe("the plan of table1", () => {
  const partsOf = (options: object) => table1.plan(table1.check(options)).trials;

  it("is three problems with ten columns each, the paper's rates, and Adam with its own", () => {
    const parts = partsOf({ fraction: 1, seeds: 2 });
    const columns = ["SGD", ...["NAG", "CM"].flatMap((method) => [0.9, 0.99, 0.995, 0.999].map((max) => `${method} ${max}`)), "Adam"];
    expect(parts.map(({ name }) => name)).toEqual(
      ["CURVES", "MNIST", "FACES"].flatMap((row) => columns.map((column) => `${row}, ${column}`)),
    );
    const rates = parts.map(({ grid }) => (grid!["optimizer.learningRate"] as number[]).length);
    expect(rates).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5]);
    for (const { trial } of parts) expect(trial).toMatchObject({ batchSize: 200, updates: 750_000 });
    expect(parts[21].trial).toMatchObject({
      task: { name: "faces", cases: 103_500, seed: 1 },
      optimizer: { method: "nesterov", momentum: { schedule: "sutskever", max: 0.9, period: 250, final: { updates: 1000, value: 0.9 } } },
    });
  });

  it("has fewer cases for a quick look", () => {
    const tasks = new Set(partsOf({ cases: 400 }).map(({ trial }) => JSON.stringify(trial.task)));
    expect([...tasks].map((task) => JSON.parse(task))).toEqual([
      { name: "curves", cases: 400, testCases: 200, seed: 1 },
      { name: "mnist", cases: 400, testCases: 200 },
      { name: "faces", cases: 400, testCases: 200, seed: 1 },
    ]);
  });

  it("shares its trials with tables 2 and 3, at the same budget", async () => {
    const options = { fraction: 0.01, seeds: 2 };
    const [one, two, three] = [await keysOf("table1", options), await keysOf("table2", options), await keysOf("table3", options)];
    expect([one.size, two.size, three.size]).toEqual([3 * 59 * 2, 3 * 6 * 2, 5 * 6 * 2]);
    expect([...two].filter((key) => one.has(key))).toHaveLength(two.size);
    expect([...three].filter((key) => one.has(key))).toHaveLength(12);
    expect([...(await keysOf("table3", { fraction: 0.02 }))].filter((key) => one.has(key))).toHaveLength(0);
  });

  it("plans trials that a person may run alone under the same keys", async () => {
    const [{ trial }] = table3.plan(table3.check({ fraction: 1 })).trials.slice(2);
    const spec = {
      task: { name: "curves", seed: 1 },
      optimizer: {
        method: "nesterov",
        learningRate: 0.01,
        momentum: { schedule: "sutskever", max: 0.999, final: { updates: 1000, value: 0.9 } },
      },
      updates: 750_000,
    };
    const planned = { ...trial, optimizer: { ...(trial.optimizer as object), learningRate: 0.01 } };
    expect(await trialKey(planned, { kernels: "simd" })).toBe(await trialKey(spec, { kernels: "simd" }));
  });
});

describe("cells whose maximum is not reached", () => {
  it("are the same trials, which are run once, and are marked so", async () => {
    // 38 updates at a fraction of 0.00005: the last step of Eq. 5 is to 0.986, so that the three largest maxima are one.
    const { result, executor, ...rest } = await run("table1", likePaper, { fraction: 0.00005 }, { only: "curves nag" });
    expect(executor.made).toHaveLength(12);
    const ofNag = result.cells.filter(({ name }) => name.startsWith("CURVES, NAG"));
    expect(ofNag.map(({ sameAs }) => sameAs)).toEqual([undefined, undefined, "CURVES, NAG 0.99", "CURVES, NAG 0.99"]);
    expect(new Set(ofNag.slice(1).map(({ best }) => best?.trials[0].key)).size).toBe(1);
    const text = renderStudy({ ...rest, result }).files["table1.md"];
    expect(text).toMatch(/\| NAG 0\.995 \|.*\| the same trials as NAG 0\.99 \|/);
  });

  it("are run where only a later one of them is asked for, and are there for all", async () => {
    const { result, executor } = await run("table1", rateOf, { fraction: 0.00005 }, { only: "curves cm 0.999" });
    expect(executor.made).toHaveLength(6);
    const there = result.cells.filter(({ state }) => state === "complete").map(({ name }) => name);
    expect(there).toEqual(["CURVES, CM 0.99", "CURVES, CM 0.995", "CURVES, CM 0.999"]);
    // The short trials of a pilot are those of cells that are not run, the long ones its own.
    const pilot = await run("table1", rateOf, { fraction: 0.001, pilot: 0.01 }, { only: "curves cm 0.999" });
    expect(pilot.result.cells.filter(({ state }) => state === "complete").map(({ name }) => name)).toEqual(["CURVES, CM 0.999"]);
  });

  it("are so in rounds of successive halving too", async () => {
    const { executor } = await run("table1", likePaper, { fraction: 0.001, pilot: 0.01 }, { only: "curves nag 0.99" });
    const [shortest] = executor.made.map(({ updates }) => updates).sort((a, b) => a - b);
    const first = executor.made.filter(({ updates }) => updates === shortest);
    // Three cells of six rates, and one set of short trials.
    expect([shortest, first.length]).toEqual([8, 6]);
  });
});

describe("what table1 finds", () => {
  it("stands beside the paper's numbers, quoted columns and Adam with it, and has the paper's orderings", async () => {
    const outcome = await run("table1");
    const { result, trials } = outcome;
    expect(trials).toMatchObject({ isComplete: true, leftOut: [], failures: [] });
    for (const { paper, best, column } of result.cells) {
      if (column === "Adam") expect([paper, best!.error]).toEqual([undefined, 0.01]);
      else expect([column, best!.error]).toEqual([column, paper]);
    }
    expect(result.orderings).toHaveLength(3 * 10);
    expect(result.orderings.filter(({ verdict }) => verdict !== "found")).toEqual([]);
    expect(result.orderings.map(({ claim }) => claim)).toContain("MNIST: NAG is at least as good as CM at 0.99");
    const { files } = renderStudy(outcome);
    const text = files["table1.md"];
    expect(text).toMatch(/\| SGD_C \| 0\.16 \| - \| - \| - \| Chapelle and Erhan \(2011\): 1\.7 million updates, tanh networks; quoted \|/);
    expect(text).toMatch(/\| FACES, paper \| 36\.4 \| 14\.2 \| 8\.5 \|/);
    expect(text).toMatch(/\| CURVES, here \| 0\.4800 \| 0\.1600 \| 0\.09600 \|/);
    expect(text).toContain("of Adam that of the best of 5 of its own (0.003, 0.001, 0.0003, 0.0001 and 0.00003)");
    expect(files["table1.csv"]).toContain("FACES,HF,12,,,,,,,,quoted,,,,\n");
    expect(files["table1.csv"].trim().split("\n")).toHaveLength(1 + 30 + 8);
  });

  it("without data is CURVES, and says what was left out; what was asked for by name is refused", async () => {
    const outcome = await run("table1", likePaper, {}, { data: undefined });
    expect(outcome.trials).toMatchObject({ isComplete: false, leftOut: ["mnist", "faces"], failures: [] });
    expect(outcome.executor.made).toHaveLength(59);
    expect(renderStudy(outcome).files["table1.md"]).toContain("MNIST: NAG is at least as good as CM at 0.99 | not decided |");
    const error = await rejection(run("table1", likePaper, {}, { data: undefined, only: "MNIST NAG" }));
    expect(error).toMatchObject({ option: "data" });
    expect(error.message).toContain("train-images-idx3-ubyte");
    expect((await run("table1", likePaper, {}, { data: undefined, only: "nag 0.999" })).executor.made).toHaveLength(6);
  });

  it("decides nothing about the best momentum while one is missing", async () => {
    const stop = (spec: TrialSpec): Invented => (spec.optimizer.method === "classicalMomentum" ? "stopped" : likePaper(spec));
    const { result } = await run("table1", stop, {}, { only: "curves" });
    const verdicts = result.orderings.slice(0, 10).map(({ claim, verdict }) => `${claim}: ${verdict}`);
    expect(verdicts).toContain("CURVES: NAG 0.999 is better than NAG 0.9: found");
    expect(verdicts).toContain("CURVES: CM 0.999 is better than CM 0.9: not decided");
    expect(verdicts).toContain("CURVES: the best momentum has at most half the error of SGD: not decided");
  });
});

describe("a rate at the end of those that were tried", () => {
  it("is marked, since others beyond it might be better", async () => {
    const textOf = async (outcome: (spec: TrialSpec) => Invented) =>
      renderStudy(await run("table1", outcome, {}, { only: "curves nag 0.9" })).files["table1.md"];
    expect(await textOf((spec) => 1 - rateOf(spec))).toMatch(
      /\| NAG 0\.9 \| 0\.16 \| 0\.9500 \| 0\.05 \| - \| best at the largest rate tried \|/,
    );
    expect(await textOf(rateOf)).toMatch(/\| NAG 0\.9 \|.* 0\.0001 \| - \| best at the smallest rate tried \|/);
    expect(await textOf((spec) => 17 + rateOf(spec))).not.toMatch(/rate tried/);
    expect(await textOf(likePaper)).not.toMatch(/rate tried/);
  });
});

describe("rates at which trials diverged", () => {
  const caseOf = async (outcome: (spec: TrialSpec) => Invented, options: object) => {
    const made = await run("table1", outcome, options, { only: "curves nag" });
    return { ...made, text: renderStudy(made).files["table1.md"] };
  };
  const claimOf = (result: Awaited<ReturnType<typeof caseOf>>["result"], claim: string) =>
    result.orderings.find((one) => one.claim === `CURVES: ${claim}`);

  it("are out where one of the seeds did, and it is told how many", async () => {
    const { text } = await caseOf((spec) => (spec.seed === 2 && maxOf(spec) === 0.999 ? "diverged" : likePaper(spec)), { seeds: 3 });
    expect(text).toMatch(/\| NAG 0\.999 \| 0\.074 \| diverged \| - \| - \| - \| diverged, from some seeds at least, at every rate \|/);
    expect(text).toContain("| NAG 0.999 | 1 of 3 diverged | 1 of 3 diverged |");
    expect(text).toContain("A rate at which a seed diverged is out, whatever the others came to.");
    const { text: whole } = await caseOf((spec) => (rateOf(spec) === 0.05 ? "diverged" : likePaper(spec)), { seeds: 3 });
    expect(whole).toContain("| NAG 0.999 | 3 of 3 diverged |");
    expect(whole).not.toContain("A rate at which a seed diverged is out");
  });

  it("decide nothing where successive halving left no others", async () => {
    const late = (spec: TrialSpec): Invented => (spec.updates === 7500 && maxOf(spec) === 0.999 ? "diverged" : likePaper(spec));
    const { result, text } = await caseOf(late, { fraction: 0.01, pilot: 0.1 });
    expect(result.cells.find(({ name }) => name === "CURVES, NAG 0.999")).toMatchObject({ state: "complete" });
    expect(text).toMatch(/\| NAG 0\.999 \| 0\.074 \| diverged \| - \| - \| diverged at every rate that was run in full \|/);
    const { verdict, numbers } = claimOf(result, "NAG 0.999 is better than NAG 0.9")!;
    expect([verdict, numbers]).toEqual([
      "not decided",
      "diverged at every rate that was run in full against 0.1600: other rates might not have",
    ]);
    const all = await caseOf((spec) => (maxOf(spec) === 0.999 ? "diverged" : likePaper(spec)), { fraction: 0.01, pilot: 0.1 });
    expect(claimOf(all.result, "NAG 0.999 is better than NAG 0.9")).toMatchObject({
      verdict: "not found",
      numbers: "diverged at every rate against 0.1600",
    });
  });
});

describe("what table2 finds", () => {
  it("is the error before and after the final phase, beside the paper's", async () => {
    const outcome = await run("table2", likePaper, { seeds: 2 });
    expect(outcome.result.cells.map(({ name, paper, paperBefore }) => [name, paperBefore, paper])).toEqual([
      ["CURVES, NAG 0.999", 0.096, 0.074],
      ["MNIST, NAG 0.99", 1.2, 0.73],
      ["FACES, NAG 0.999", 10.83, 7.7],
    ]);
    expect(outcome.result.orderings).toEqual([
      {
        claim: "CURVES: the final phase lowers the error of NAG 0.999",
        verdict: "found",
        numbers: "0.09250 to 0.07400; 0.09250 to 0.07400, 20 % less; the paper's 23 % less",
      },
      {
        claim: "MNIST: the final phase lowers the error of NAG 0.99",
        verdict: "found",
        numbers: "0.9125 to 0.7300; 0.9125 to 0.7300, 20 % less; the paper's 39 % less",
      },
      {
        claim: "FACES: the final phase lowers the error of NAG 0.999",
        verdict: "found",
        numbers: "9.625 to 7.700; 9.625 to 7.700, 20 % less; the paper's 29 % less",
      },
    ]);
    const text = renderStudy(outcome).files["table2.md"];
    expect(text).toContain("| Method | Before, paper | Before, here | After, paper | After, here |");
    expect(text).toMatch(/\| NAG 0\.999 \| 10\.83 \| 9\.625 \| 7\.7 \| 7\.700 \|/);
    expect(text).toContain("A seed is compared with itself, before and after");
    expect(text).not.toContain("all errors of one side");
  });

  it("is decided from a tenth on: less may be that of the updates alone", async () => {
    const outcome = async (...after: number[]) => {
      const invented = (spec: TrialSpec) => ({ error: after[spec.seed - 1], before: 2 });
      const { result } = await run("table2", invented, { seeds: after.length }, { only: "curves" });
      return result.orderings[0];
    };
    expect(await outcome(1.8, 1.6)).toMatchObject({ verdict: "found", numbers: expect.stringContaining("15 % less") });
    expect(await outcome(1.81, 1)).toMatchObject({ verdict: "not decided", numbers: expect.stringMatching(/: less than a tenth$/) });
    expect(await outcome(1.999)).toMatchObject({ verdict: "not decided", numbers: expect.stringContaining("0.05 % less") });
    expect(await outcome(2)).toMatchObject({ verdict: "not found", numbers: expect.stringContaining("no change") });
    expect(await outcome(3)).toMatchObject({
      verdict: "not found",
      numbers: expect.stringContaining("50 % more; the paper's 23 % less"),
    });
  });

  it("may be that it raises the error, from all seeds or from some", async () => {
    const raised = (some: number) => (spec: TrialSpec) => ({ error: 2, before: spec.seed <= some ? 1 : 3 });
    for (const [some, verdict] of [
      [0, "found"],
      [1, "not decided"],
      [2, "not found"],
    ] as const) {
      const { result } = await run("table2", raised(some), { seeds: 2 });
      expect(result.orderings.map((ordering) => ordering.verdict)).toEqual(Array(3).fill(verdict));
    }
    const { result } = await run("table2", () => 2, {}, { only: "curves" });
    expect(result.orderings.map(({ numbers }) => numbers)).toEqual([
      "there is none before it",
      "NAG 0.99 was not run",
      "NAG 0.999 was not run",
    ]);
    expect(table2.paper.cells).toHaveLength(3);
  });
});

describe("what a page says of the data", () => {
  const differsOf = async (digests: Readonly<Record<string, string>>) => {
    const store = memorySweepStore();
    for (const [row, digest] of Object.entries(digests))
      await runStudy("table2", { fraction: 0.001 }, { executor: inventor(likePaper, digest), store, data, only: row });
    const made = await runStudy("table2", { fraction: 0.001 }, { executor: inventor(likePaper), store, data });
    return renderStudy(made).files["table2.md"];
  };

  it("is that of the published files where trials were trained on these", async () => {
    const page = await differsOf({ mnist: mnistKind.files!.publishedDigest!, faces: facesKind.files!.publishedDigest! });
    expect(page).toContain("MNIST is the original: 60,000 images of digits.");
    expect(page).toContain("FACES is made from the Olivetti photographs");
  });

  it("is that others stand in their place, by their SHA-256, where they do", async () => {
    const other = "ab".repeat(32);
    const page = await differsOf({ mnist: other, faces: facesKind.files!.publishedDigest! });
    expect(page).not.toContain("MNIST is the original");
    expect(page).toContain(`MNIST is not from the files that are published, but from others (SHA-256 of the data ${other})`);
    expect(page).toContain("FACES is made from the Olivetti photographs");
  });
});
