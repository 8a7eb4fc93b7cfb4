import { createRuntime, htmlPage, type Runtime, runTrial, trialDefaults, trialPage } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import type { DataArrays } from "#internal/tasks/data/arrays";
import { confusionMatrix } from "#internal/tasks/data/dataPage";
import { clusters, line, prepare, spec } from "../support/ownData.js";

const { round } = Math;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

describe("the page about a trial on data of one's own", () => {
  const pageOf = async (given: object, data: DataArrays): Promise<string> => {
    let html = "";
    await runTrial(given, { runtime, data, onEnd: (ended) => void (html = htmlPage(trialPage([ended]))) });
    return html;
  };

  it("has the learning curves and what was taken for what", async () => {
    const html = await pageOf(spec({}, { updates: 150 }), clusters());
    for (const words of [
      "Share wrong against updates",
      "Loss against updates",
      "What was taken for what",
      "Held-out share wrong",
      "most frequent class",
      "NAG, held out",
      "NAG, training",
      "the share wrong on 18 cases held out was 0 with NAG",
    ])
      expect(html).toContain(words);
    for (const name of ["left", "right", "above"]) expect(html.split(`>${name}<`).length - 1).toBe(2);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("has the squared error where numbers are predicted, and no classes", async () => {
    const html = await pageOf(spec({ predict: "numbers" }), line());
    for (const words of ["Squared error against updates", "Loss against updates", "mean of the targets", "Held-out squared error"])
      expect(html).toContain(words);
    expect(html).not.toContain("taken for what");
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("is there where all that is held out is of one class, for every optimizer, and where it diverged", async () => {
    const { inputs } = clusters(40);
    const targets = Float32Array.from({ length: 80 }, (_, at) => (at % 2 === (at < 2 ? 1 : 0) ? 1 : 0));
    const data = { inputs, targets, cases: 40, classes: ["<most>", "one & only"] };
    // On a logarithmic axis a baseline of 0 has no place.
    expect(prepare(data, { held: 0.1, seed: 1 }).baseline.measures.heldOutWrong).toBe(0);
    for (const method of ["sgd", "classicalMomentum", "nesterov", "adam", "hessianFree"] as const) {
      const { optimizer } = trialDefaults("data", method);
      const parts = { optimizer, updates: 3, ...(method === "hessianFree" ? { batchSize: undefined } : {}) };
      const html = await pageOf(spec({ held: 0.1, seed: 1 }, parts), data);
      expect(html).toContain("&lt;most");
      expect(html).not.toContain("<most>");
      expect(html).not.toMatch(/NaN|undefined|\[object/);
    }
    const diverged = await pageOf(spec({ predict: "numbers" }, { optimizer: { method: "sgd", learningRate: 1e25 } }), line());
    expect(diverged).toContain("diverged");
  });

  it("leaves out a matrix that nobody can look at", async () => {
    const cases = 310;
    const targets = new Float32Array(31 * cases);
    for (let row = 0; row < cases; row++) targets[31 * row + (row % 31)] = 1;
    const html = await pageOf(spec({}, { updates: 2 }), { inputs: new Float32Array(cases), targets, cases });
    expect(html).toContain("Share wrong against updates");
    expect(html).not.toContain("taken for what");
  });

  it("counts what was taken for what as a plain loop does", () => {
    const stream = new RandomStream(4, "confusion");
    for (const classes of [2, 3, 7]) {
      const cases = 200;
      const outputs = Float32Array.from({ length: cases * classes }, () => round(4 * stream.uniform()) / 4);
      const targets = new Float32Array(cases * classes);
      const wanted = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
      for (let row = 0; row < cases; row++) {
        const is = stream.integer(classes);
        targets[row * classes + is] = 1;
        const said = Array.from(outputs.subarray(row * classes, (row + 1) * classes));
        wanted[is][said.indexOf(Math.max(...said))]++;
      }
      expect([...confusionMatrix(outputs, targets, classes)]).toEqual(wanted.flat());
    }
  });
});
