import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { autoencoder, createRuntime, InvalidOptionError, StoreError } from "heavyball";
import { fileStore, saveModelFile } from "heavyball/node";
import { afterAll, describe, expect, it } from "vitest";
import { writeWholeFile } from "#internal/node/wholeFile";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { tinyTrial } from "../support/sweeps.js";

const directory = mkdtempSync(join(tmpdir(), "heavyball-whole-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (...parts: string[]) => join(directory, ...parts);

const inAFilesPlace: [what: string, target: (path: string) => string, why: string][] = [
  ["a device", () => "/dev/null", "it is a device or a pipe"],
  ["a link to itself", (path) => path, "its symbolic links come to no end"],
];

describe.runIf(process.platform !== "win32")("what is no file, where one is to be written", () => {
  it.each(inAFilesPlace)("(%s) is named with what to do, and stays", async (what, target, why) => {
    const place = at(what.replaceAll(" ", "-"));
    mkdirSync(place);
    const path = join(place, "spec.json");
    symlinkSync(target(path), path);
    const store = await fileStore(place).open();
    const message = `${path} cannot be written: ${why}, and a file has to be there; move it away, or give another place`;
    for (const work of [() => writeWholeFile(path, "new"), () => store.write("spec.json", "new")]) {
      const error = await rejection(work());
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ trouble: "unusable", place: path, message });
    }
    await store.close();
    expect([lstatSync(path).isSymbolicLink(), readdirSync(place)]).toEqual([true, ["spec.json"]]);
    // There the path is what was given.
    const runtime = await createRuntime({ threads: 1 });
    const network = runtime.network(autoencoder({ encoder: [6, 5, 2] }));
    const error = (await rejection(saveModelFile(network, path))) as InvalidOptionError;
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect([error.option, error.value, error.message]).toEqual(["path", path, expect.stringContaining(why)]);
    await runtime.dispose();
  });

  it("is told by the command with the file and what to do, under no option that was not typed", async () => {
    writeFileSync(at("sweep.json"), JSON.stringify({ trial: tinyTrial, grid: { "optimizer.learningRate": [0.01] } }));
    mkdirSync(at("told"));
    symlinkSync("/dev/null", at("told", "results.csv"));
    const { code, stderr } = await runCommand(directory, ["sweep", "sweep.json", "--out", "told", "--kernels", "simd"]);
    const sentence =
      "told/results.csv cannot be written: it is a device or a pipe, and a file has to be there; move it away, or give another place";
    expect([code, stderr]).toEqual([2, `heavyball: ${sentence}\n`]);
  });
});
