import { memorySweepStore, runStudy } from "heavyball";
import { describe, expect, it } from "vitest";
import { idxFile, memoryFiles } from "../support/dataFiles.js";
import { rejection } from "../support/failures.js";
import { inventor } from "../support/inventedTrials.js";

const images = idxFile([2, 28, 28], new Uint8Array(2 * 784));
const mnist = { "train-images-idx3-ubyte": images, "t10k-images-idx3-ubyte": images };

/** What is run of table1 where these are the files, and what is left out. */
async function found(files: Parameters<typeof memoryFiles>[0], only?: string) {
  const executor = inventor(() => 1);
  const running = { executor, store: memorySweepStore(), data: memoryFiles(files), ...(only === undefined ? {} : { only }) };
  const { trials } = await runStudy("table1", { fraction: 1e-6 }, running);
  return { leftOut: trials!.leftOut, run: [...new Set(executor.made.map(({ task }) => task.name))] };
}

describe("a study of tasks that take files", () => {
  it("leaves out those whose files are not there, and runs the others", async () => {
    expect(await found({})).toEqual({ leftOut: ["mnist", "faces"], run: ["curves"] });
    expect(await found(mnist)).toEqual({ leftOut: ["faces"], run: ["curves", "mnist"] });
    const { "t10k-images-idx3-ubyte": _, ...half } = mnist;
    expect(await found(half)).toEqual({ leftOut: ["mnist", "faces"], run: ["curves"] });
    expect(await found({}, "curves")).toEqual({ leftOut: [], run: ["curves"] });
  });

  it("says which are missing where no other cells were asked for", async () => {
    expect(await rejection(found({}, "mnist"))).toMatchObject({
      option: "data",
      value: "shelf",
      allowed: expect.stringMatching(/^where there is train-images-idx3-ubyte\.gz .* and t10k-images-idx3-ubyte\.gz /),
    });
    expect(await rejection(found(mnist, "faces"))).toMatchObject({ option: "data", allowed: expect.stringContaining("olivettifaces.mat") });
    const without = runStudy("table1", {}, { executor: inventor(() => 1), only: "mnist" });
    expect(await rejection(without)).toMatchObject({
      option: "data",
      value: undefined,
      allowed: expect.stringMatching(/^given: mnist takes /),
    });
  });

  it("takes files that are there and damaged for a mistake, not for missing ones", async () => {
    for (const files of [
      { ...mnist, "train-images-idx3-ubyte": "PNG" },
      { ...mnist, "olivettifaces.mat": "MATLAB" },
    ])
      expect(await rejection(found(files))).toMatchObject({ code: "FORMAT", file: expect.stringMatching(/^shelf\//) });
  });
});
