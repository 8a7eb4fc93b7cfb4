import {
  AbortedError,
  countTrials,
  createRuntime,
  InvalidOptionError,
  type Runtime,
  renderStudy,
  runStudy,
  type StudyProgress,
  studies,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wrap } from "#internal/report/text/wrap";
import { studyNamed, studyNames } from "#internal/studies/index";
import { refusal } from "../support/failures.js";

/** Few cases and an error that the first update reaches. */
const tiny = { fraction: 0.001, error: 250, iterations: 6, seed: 2 };

describe.each(studyNames.map((name) => [name, studyNamed(name)] as const))("the study %s", (name, study) => {
  it("has the name of its export, a title and a description", () => {
    expect(study.name).toBe(name);
    expect(study.title.length).toBeGreaterThan(0);
    expect(study.description).toMatch(/\.$/);
  });

  it("takes the defaults of its table, and undefined for what is left out", () => {
    const standards = Object.fromEntries(Object.entries(study.options).map(([option, { standard }]) => [option, standard]));
    const left = Object.fromEntries(Object.keys(standards).map((option) => [option, undefined]));
    const spec = study.check();
    expect(study.check(standards)).toEqual(spec);
    expect(study.check(left)).toEqual(spec);
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(spec).toMatchObject({ study: name });
    expect(study.announce(spec).length).toBeGreaterThan(0);
  });

  it("is a computation, or a plan of trials whose parts have names of their own", () => {
    if (study.kind === "computation") return void expect(typeof study.usesRuntime).toBe("boolean");
    const { trials } = study.plan(study.check());
    const names = trials.map((part) => part.name);
    expect(new Set(names).size).toBe(names.length);
    for (const part of names) expect(part).toMatch(/^\S.*, \S/);
    expect(countTrials(study.plan(study.check()))).toBeGreaterThanOrEqual(names.length);
  });

  it("refuses null, wrong values and options that nobody reads, by name", () => {
    for (const option of Object.keys(study.options)) {
      for (const value of [null, NaN, {}]) {
        const error = refusal(() => study.check({ [option]: value }));
        expect([option, error.option]).toEqual([option, option]);
      }
    }
    expect(refusal(() => study.check({ xyzzy: 1 })).option).toBe(`${name}.xyzzy`);
    expect(refusal(() => study.check(null)).option).toBe(`options of ${name}`);
  });

  it("explains its options in lines that fit a terminal", () => {
    for (const { flag, help } of Object.values(study.options)) {
      expect(flag).toMatch(/^[a-z][a-z0-9-]*$/);
      for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(68);
    }
  });
});

it("an option that several studies have is read the same way by all", () => {
  const kinds = new Map<string, string>();
  for (const { options } of studyNames.map(studyNamed)) {
    for (const { flag, kind } of Object.values(options)) {
      expect([flag, kinds.get(flag) ?? kind]).toEqual([flag, kind]);
      kinds.set(flag, kind);
    }
  }
});

describe("running a study", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels: "simd" });
  });
  afterAll(() => runtime.dispose());

  it("tells its progress, which never falls, and leaves the runtime as it was", async () => {
    const progress: StudyProgress[] = [];
    const { name, result, holds } = await runStudy("figure5", tiny, { runtime, onProgress: (one) => progress.push(one) });
    expect([name, holds]).toEqual(["figure5", true]);
    expect(result.kernelVariant).toBe("simd");
    expect(result.spec).toEqual(studies.figure5.check(tiny));
    const shares = progress.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(shares.at(-1)).toBe(1);
    expect(progress.every(({ detail }) => detail.length > 0 && detail.length < 80)).toBe(true);
    expect(progress.flatMap(({ report }) => report?.update ?? [])).toEqual(result.training.map(({ update }) => update));
    // Nothing of the first run stays: another one fits where it was.
    const bytes = runtime.memory.memory.buffer.byteLength;
    expect((await runStudy("figure5", tiny, { runtime })).result).toEqual(result);
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
  });

  it("makes a runtime of its own where none is given", async () => {
    const { result } = await runStudy("figure5", { ...tiny, updates: 1, error: 1 });
    expect(result.quadratic.update).toBe(1);
  });

  it("stops when the signal asks, and gives back what it held", async () => {
    const stopping = async (stop: (progress: StudyProgress) => boolean) => {
      const controller = new AbortController();
      const calls: StudyProgress[] = [];
      const onProgress = (progress: StudyProgress) => {
        calls.push(progress);
        if (stop(progress)) controller.abort();
      };
      await expect(runStudy("figure5", tiny, { runtime, signal: controller.signal, onProgress })).rejects.toThrow(AbortedError);
      return calls;
    };
    // In the middle of an update, and in the middle of the comparison, when the quadratic is frozen.
    expect((await stopping(({ detail }) => detail.includes("CG step"))).at(-1)?.report).toBeUndefined();
    const bytes = runtime.memory.memory.buffer.byteLength;
    expect((await stopping(({ detail }) => detail.includes("CG iteration"))).at(-1)?.share).toBeGreaterThan(0.7);
    await stopping(({ detail }) => detail.includes("NAG iteration"));
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
    await expect(runStudy("figure5", tiny, { runtime, signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });

  it("lets its host live meanwhile", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await runStudy("figure5", { ...tiny, fraction: 0.005 }, { runtime });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it("refuses names, options and arguments that it does not know", async () => {
    const loose = runStudy as (...args: unknown[]) => Promise<unknown>;
    for (const [args, option] of [
      [["figur5"], "study"],
      [["toString"], "study"],
      [[undefined], "study"],
      [["figure5", { fraction: 2 }], "fraction"],
      [["figure5", null], "options of figure5"],
      [["figure5", {}, null], "options of runStudy"],
      [["figure5", {}, { runtim: runtime }], "runStudy.runtim"],
      [["figure5", {}, { runtime: {} }], "runtime"],
      [["figure5", {}, { runtime: null }], "runtime"],
      [["figure5", {}, { signal: true }], "signal"],
      [["figure5", {}, { onProgress: "log" }], "onProgress"],
      [["table3", {}, { executor: {} }], "executor"],
      [["table3", {}, { store: "here" }], "store"],
      [["table3", {}, { only: " " }], "only"],
      [["table3", {}, { only: "," }], "only"],
      [["table3", {}, { only: "scale 7" }], "only"],
      [["table3", {}, { kernels: "turbo" }], "kernels"],
      [["table3", {}, { keep: "it" }], "keep"],
      [["table3", {}, { checkpointSeconds: 0 }], "checkpointSeconds"],
      [["table3", {}, { repair: 1 }], "repair"],
      [["table3", {}, { onRow: {} }], "onRow"],
    ] as const) {
      const error = await loose(...args).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect([args, error]).toEqual([args, expect.any(InvalidOptionError)]);
      expect((error as InvalidOptionError).option).toBe(option);
    }
  });

  it("renders what it found, without a machine's facts too", async () => {
    const outcome = await runStudy("figure5", tiny, { runtime });
    const { page, files, summary } = renderStudy(outcome);
    expect(Object.keys(files)).toEqual([
      ...["figure5.json", "figure5.csv", "figure5.svg", "where-the-quadratic-was-taken.svg", "figure5.md", "report.html"],
    ]);
    // The figure is linked where it is a file already; the page's other plot is drawn into one.
    expect(files["figure5.md"]).toMatch(/!\[.*\]\(figure5\.svg\)/);
    expect(files["figure5.md"]).toMatch(/!\[.*\]\(where-the-quadratic-was-taken\.svg\)/);
    expect(JSON.parse(files["figure5.json"])).toEqual(JSON.parse(JSON.stringify(outcome.result)));
    expect(page.title).toBe(studies.figure5.title);
    expect(files["report.html"]).toContain("Made by heavyball.");
    expect(summary.join("\n")).toContain("After 6 iterations from zero");
    const told = renderStudy(outcome, { facts: [["Engine", "a steam engine"]], footer: "The end." });
    for (const text of ["a steam engine", "The end."]) expect(told.files["report.html"]).toContain(text);
  });
});

describe("wrapping paragraphs", () => {
  it("breaks at spaces, and leaves words whole", () => {
    expect(wrap("a bc def", 4)).toBe("a bc\ndef");
    expect(wrap("a  bc\ndef", 80)).toBe("a bc def");
    expect(wrap("abcdefgh i", 4)).toBe("abcdefgh\ni");
    expect(wrap("", 4)).toBe("");
  });
});
