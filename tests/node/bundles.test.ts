/**
 * The package in one file, as bundlers make it for Node: it has its threads with no file beside it, takes the helper's file where it is
 * told one, and where that file is wrong nobody who did not ask for threads may notice.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/childProcess.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heavyball-bundles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A machine of two cores, whatever this one has, and a runtime with the options given on the command line: its outcome, as JSON. */
const PROGRAM = `
  import os from "node:os";
  import { syncBuiltinESMExports } from "node:module";
  import { autoencoder, createRuntime, dense } from "heavyball";
  os.availableParallelism = () => 2;
  syncBuiltinESMExports();
  async function run() {
    const runtime = await createRuntime({ kernels: "simd", ...JSON.parse(process.argv[2]) });
    const network = runtime.network(autoencoder({ encoder: [5, 3] }));
    network.initialize(dense({ seed: 1 }));
    const { loss } = network.evaluate({ inputs: new Float32Array(5 * 40).fill(0.5), cases: 40 });
    await runtime.dispose();
    return { threads: runtime.threads, reason: runtime.threadsReason, loss };
  }
  run().catch(({ name, code, message }) => ({ name, code, message })).then((result) => console.log(JSON.stringify(result)));
`;

interface Result {
  readonly threads?: number;
  readonly reason?: string;
  readonly loss?: number;
  readonly end?: string;
  readonly code?: string;
  readonly message?: string;
}

/** A trial in a thread of its own, with the options given on the command line: its outcome, as JSON. */
const TRIAL = `
  import { inWorker } from "heavyball/node";
  const spec = {
    task: { name: "addition", length: 10, hidden: 3, testCases: 12 },
    optimizer: { method: "nesterov", learningRate: 0.01, momentum: 0.9 },
    batchSize: 4,
    updates: 3,
  };
  async function run() {
    const record = await inWorker(JSON.parse(process.argv[2])).runTrial(spec, { runtime: { kernels: "simd", threads: 2 } });
    return { end: record.end.code };
  }
  run().catch(({ code, message }) => ({ code, message })).then((result) => console.log(JSON.stringify(result)));
`;

async function bundle(contents: string, format: "esm" | "cjs" | "iife", outfile: string): Promise<string> {
  await build({
    stdin: { contents, resolveDir: root, sourcefile: "program.js" },
    outfile,
    format,
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "silent",
  });
  return outfile;
}

/** Runs a bundle; nothing may be left that keeps the process alive or is said to nobody. */
async function run(file: string, options: Record<string, unknown> = {}): Promise<Result> {
  const { code, output, errors } = await runCommand(process.execPath, [file, JSON.stringify(options)]);
  expect([code, errors]).toEqual([0, ""]);
  return JSON.parse(output) as Result;
}

describe.each([
  ["esm", "mjs"],
  ["cjs", "cjs"],
  ["iife", "cjs"],
] as const)("a bundle in the format %s", (format, extension) => {
  let file: string;
  let helper: string;
  beforeAll(async () => {
    file = await bundle(PROGRAM, format, join(folder, format, `program.${extension}`));
    helper = await bundle('import "heavyball/worker";', format, join(folder, format, `helper.${extension}`));
  });

  it("has its threads by itself", async () => {
    const { loss } = await run(file, { threads: 1 });
    expect(await run(file)).toEqual({ threads: 2, reason: "this machine offers 2 cores", loss });
    expect(await run(file, { threads: 3 })).toEqual({ threads: 3, reason: "3 asked for", loss });
  });

  it("has its threads from the helper's file, bundled or the package's own", async () => {
    const { loss } = await run(file, { threads: 1 });
    for (const worker of [helper, join(root, "dist/node/teamWorker.js")]) {
      expect(await run(file, { worker })).toEqual({ threads: 2, reason: "this machine offers 2 cores", loss });
      expect(await run(file, { worker, threads: 3 })).toEqual({ threads: 3, reason: "3 asked for", loss });
    }
  });

  it("runs on one thread where the helper's file is something else, and says why", async () => {
    const other = join(folder, format, "other.cjs");
    writeFileSync(other, "module.exports = 1;");
    const { loss } = await run(file, { threads: 1 });
    for (const [worker, why] of [
      [other, "exit code 0"],
      ["/no/such/file.js", "Error: Cannot find module '/no/such/file.js'.*"],
    ]) {
      const fallen = await run(file, { worker });
      expect([fallen.threads, fallen.loss]).toEqual([1, loss]);
      expect(fallen.reason).toMatch(
        new RegExp(
          `^one thread: a helper thread could not start \\(${why}\\); for several, pass createRuntime\\(\\{ worker \\}\\) the path of `,
          "s",
        ),
      );
      const { code, message } = await run(file, { worker, threads: 2 });
      expect(code).toBe("UNSUPPORTED");
      expect(message).toMatch(
        /^a helper thread could not start: .+; pass createRuntime\(\{ worker \}\) the path of .*, or use threads: 1$/s,
      );
    }
  });

  it("runs a trial in a thread of the trial's file, bundled, copied or the package's own, and says so where it has none", async () => {
    const program = await bundle(TRIAL, format, join(folder, format, `trial.${extension}`));
    const copy = join(folder, format, "copy.mjs");
    copyFileSync(join(root, "dist/node/trialWorker.js"), copy);
    const bundled = await bundle('import "heavyball/trial-worker";', format, join(folder, format, `trialWorker.${extension}`));
    for (const worker of [bundled, copy, join(root, "dist/node/trialWorker.js")]) {
      expect(await run(program, { worker })).toEqual({ end: "finished" });
    }
    const { code, message } = await run(program);
    expect(code).toBe("UNSUPPORTED");
    expect(message).toMatch(
      /^the thread of a trial could not start: .+; pass inWorker\(\{ worker \}\) the path of heavyball\/trial-worker, or a function /s,
    );
  });
});
