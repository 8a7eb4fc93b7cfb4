import { createRuntime, inlineExecutor, memorySweepStore, type Runtime, runSweep, StoreError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { listedRows } from "#internal/sweeps/listedRows";
import { sweepPage } from "#internal/sweeps/page/sweepPage";
import { trialsCsv } from "#internal/sweeps/page/tables";
import { rejection } from "../support/failures.js";
import { outcomes, tinySweep } from "../support/sweeps.js";
import { watcherOf } from "../support/watchedExecutor.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

const watched = watcherOf(() => runtime);

describe("a store of sweeps", () => {
  const executor = () => inlineExecutor(runtime);

  it("whose record was changed by hand says so, leaves it as it is, and runs its trial again when asked", async () => {
    const store = memorySweepStore();
    const whole = await runSweep(tinySweep, { executor: executor(), store });
    const { key } = whole.rows[3];
    const change = async (text: (before: string) => string) => {
      const run = await store.run(key).open();
      await run.write("record.json", text(new TextDecoder().decode(await run.read("record.json"))));
      await run.close();
    };
    const changes: [(before: string) => string, RegExp][] = [
      [(before) => before.slice(0, 40), /it is no record/],
      [(before) => before.replace('"seed": 2', '"seed": 3'), /its spec is that of the trial [0-9a-f]{12}/],
      [(before) => before.replace('"finished"', '"won"'), /end\.code is "won"/],
      ...(
        [
          ["final", { zeroOne: 0.5, heldOutLoss: null }, /final\.heldOutLoss is null; a finite number belongs there/],
          ["final", { zeroOne: "5" }, /final\.zeroOne is "5"/],
          ["final", {}, /final\.zeroOne is undefined/],
          ["baseline", { heldOutLoss: [] }, /baseline\.heldOutLoss is /],
          ["best", { update: 1 }, /best\.error is undefined/],
          ["best", 3, /best is 3; an object belongs there/],
          ["machine", null, /machine is null/],
          ["machine", { heavyball: {}, kernels: "simd", threads: 1, cores: 1 }, /machine\.heavyball is /],
          ["casesProcessed", {}, /casesProcessed is /],
          ["update", 7, /update is 7, of the 6 updates of its spec/],
          ["best", { update: 7, error: 0.5, measure: "zeroOne" }, /best\.update is 7, and only 6 updates were made/],
          ["seconds", -1, /seconds is -1; a number of at least 0 belongs there/],
          ["end", { code: "diverged", message: "so it says" }, /final is there, though its trial diverged/],
        ] as const
      ).map(([name, value, why]): [(before: string) => string, RegExp] => [
        (before) => JSON.stringify({ ...JSON.parse(before), [name]: value }),
        why,
      ]),
      [(before) => before.replace(/"seconds": [^,]+/, '"seconds": 1e999'), /seconds is Infinity; a number of at least 0 belongs there/],
      [(before) => before.replace(/"error": [^,]+/, '"error": -1e999'), /best\.error is -Infinity; a finite number belongs there/],
      [(before) => before.replace('"updates": 6', '"updates": -6'), /its spec is none that this version knows \(updates is -6/],
    ];
    for (const [damage, why] of changes) {
      await change(damage);
      const told = await runSweep(tinySweep, { executor: executor(), store });
      expect(told.troubles).toHaveLength(1);
      expect(told.troubles[0]).toMatch(why);
      expect(told.rows[3]).toMatchObject({ state: "damaged", failure: { message: told.troubles[0] } });
      const again = watched();
      const mended = await runSweep(tinySweep, { executor: again.executor, store, repair: true });
      expect([again.count(), outcomes(mended)]).toEqual([1, outcomes(whole)]);
      expect(await store.run(key).names()).toContain("record.damaged.json");
    }
  });

  it("takes one sweep at a time", async () => {
    const store = memorySweepStore();
    const open = await store.open();
    expect(await rejection(runSweep(tinySweep, { executor: executor(), store }))).toBeInstanceOf(StoreError);
    await open.close();
    await runSweep(tinySweep, { executor: executor(), store });
  });

  it("lists its trials by the settings in which they differ", async () => {
    const store = memorySweepStore();
    await runSweep(tinySweep, { executor: executor(), store });
    const rows = listedRows((await store.list()).trials.values());
    expect(rows.map(({ coordinates }) => coordinates.map(({ path, value }) => `${path} ${value}`).join(", ")).slice(0, 3)).toEqual([
      "optimizer.learningRate 0.003, optimizer.momentum 0.5, seed 1",
      "optimizer.learningRate 0.003, optimizer.momentum 0.5, seed 2",
      "optimizer.learningRate 0.003, optimizer.momentum 0.9, seed 1",
    ]);
    expect(trialsCsv(rows).split("\n")).toHaveLength(14);
  });
});

describe("the page of a sweep", () => {
  it("has what was chosen, all trials, and what was run", async () => {
    const result = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store: memorySweepStore() });
    const html = htmlPage(sweepPage(tinySweep, result));
    for (const text of [
      "Chosen",
      "Trials",
      "What was run",
      "12 of 12 trials ended, 4 of them diverged",
      "Errors by optimizer.learningRate",
    ])
      expect(html).toContain(text);
  });
});
