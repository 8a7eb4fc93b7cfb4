/**
 * The package in one file, as bundlers make it for Node: where the helper's file has not come along, nobody who did not ask for threads may
 * notice, and whoever asks is told what to do.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/childProcess.js";

interface Bundler {
  build(options: Record<string, unknown>): Promise<unknown>;
}
/** It comes with vite. */
const esbuild = (await import(/* @vite-ignore */ import.meta.resolve("esbuild", import.meta.resolve("vite")))) as Bundler;

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
  readonly code?: string;
  readonly message?: string;
}

async function bundle(contents: string, format: "esm" | "cjs" | "iife", outfile: string): Promise<string> {
  await esbuild.build({
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

  it("runs on one thread and says why", async () => {
    const alone = await run(file, { threads: 1 });
    const { threads, reason, loss } = await run(file);
    expect([threads, loss]).toEqual([1, alone.loss]);
    expect(reason).toMatch(
      /^one thread: a helper thread could not start \(.+\); for several, pass createRuntime\(\{ worker \}\) the path of heavyball\/worker/,
    );
    if (format !== "esm") expect(reason).toContain("import.meta.url is empty");
  });

  it("refuses threads that were asked for, in a sentence", async () => {
    const { code, message } = await run(file, { threads: 2 });
    expect(code).toBe("UNSUPPORTED");
    expect(message).toMatch(
      /^a helper thread could not start: .+; pass createRuntime\(\{ worker \}\) the path of heavyball\/worker.*, or use threads: 1$/,
    );
  });

  it("has its threads from the helper's file, bundled or the package's own", async () => {
    const { loss } = await run(file, { threads: 1 });
    for (const worker of [helper, join(root, "dist/node/teamWorker.js")]) {
      expect(await run(file, { worker })).toEqual({ threads: 2, reason: "this machine offers 2 cores", loss });
      expect(await run(file, { worker, threads: 3 })).toEqual({ threads: 3, reason: "3 asked for", loss });
    }
  });

  it("waits for nobody when the helper's file is something else", async () => {
    const other = join(folder, format, "other.cjs");
    writeFileSync(other, "module.exports = 1;");
    expect((await run(file, { worker: other })).threads).toBe(1);
  });
});

describe("a bundle whose folder holds the helper as teamWorker.js", () => {
  it("has its threads by itself", async () => {
    const file = await bundle(PROGRAM, "esm", join(folder, "whole", "program.mjs"));
    await bundle('import "heavyball/worker";', "esm", join(folder, "whole", "teamWorker.js"));
    writeFileSync(join(folder, "whole", "package.json"), '{ "type": "module" }');
    expect(await run(file)).toMatchObject({ threads: 2, reason: "this machine offers 2 cores" });
  });
});
