import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { InvalidOptionError, createRuntime, feedForward } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dist = (path: string): string => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
const helper = pathToFileURL(dist("node/teamWorker.js"));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-threads-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A program that says what came of `createRuntime(options)`: threads and reason, a loss computed with them, or the error. */
const program = (options: string): string => `
  import { createRuntime, feedForward } from ${JSON.stringify(dist("index.js"))};
  (async () => {
    try {
      const runtime = await createRuntime(${options});
      const { loss } = runtime.network(feedForward({ sizes: [2, 1] })).evaluate({ inputs: new Float32Array(2), targets: Float32Array.of(2), cases: 1 });
      console.log(JSON.stringify({ threads: runtime.threads, reason: runtime.threadsReason, loss }));
      await runtime.dispose();
    } catch (error) {
      console.log(JSON.stringify({ code: error.code ?? "NONE", message: error.message }));
    }
  })();
`;

interface Said {
  readonly threads?: number;
  readonly reason?: string;
  readonly loss?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Runs a command to its end, which must come by itself; returns what the program said. */
async function said(command: string, args: readonly string[]): Promise<Said> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000, killSignal: "SIGKILL" });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const signal = await new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
  expect([signal, output.trim().split("\n").length, errors.replace(/^\(.*\n?|.*Warning.*\n?/gm, "")]).toEqual([null, 1, ""]);
  return JSON.parse(output) as Said;
}

async function bundled(format: "esm" | "cjs", options: string): Promise<Said> {
  const outfile = join(directory, `bundle-${format}-${options.length}.${format === "esm" ? "mjs" : "cjs"}`);
  await build({ stdin: { contents: program(options), resolveDir: directory }, bundle: true, platform: "node", format, outfile, logLevel: "silent" });
  return said(process.execPath, [outfile]);
}

const written = (options: string): string => {
  const path = join(directory, `program-${Math.abs(options.length)}.mjs`);
  writeFileSync(path, program(options));
  return path;
};

describe("threads nobody asked for", () => {
  it.each(["esm", "cjs"] as const)("are done without in a bundle whose helper file is missing, %s", async (format) => {
    const { threads, reason, loss } = await bundled(format, "");
    expect([threads, loss]).toEqual([1, 2]);
    expect(reason).toMatch(/a helper thread could not start: .*createRuntime\(\{ worker \}\) takes the address of heavyball\/worker/s);
  });

  it.each(["esm", "cjs"] as const)("come from the file that `worker` names, in a bundle too, %s", async (format) => {
    const options = `{ threads: 2, worker: ${JSON.stringify(helper.href)} }`;
    expect(await bundled(format, options)).toEqual({ threads: 2, reason: "2 asked for", loss: 2 });
  });

  it("are an error where they were asked for", async () => {
    const { code, message } = await bundled("esm", "{ threads: 2 }");
    expect(code).toBe("UNSUPPORTED");
    expect(message).toMatch(/^a helper thread could not start: .*; use threads: 1$/s);
  });

  it("are done without under Node's permission model", async () => {
    const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
    const { threads, reason, loss } = await said(process.execPath, [flag, "--allow-fs-read=*", written("")]);
    expect([threads, loss]).toEqual([1, 2]);
    expect(reason).toMatch(/could not start: .*restricted/);
    const { code } = await said(process.execPath, [flag, "--allow-fs-read=*", written("{ threads: 2 }")]);
    expect(code).toBe("UNSUPPORTED");
  });
});

describe("an engine that cannot", () => {
  it("has no WebAssembly: a sentence", async () => {
    const { code, message } = await said(process.execPath, ["--jitless", written("")]);
    expect([code, message]).toEqual(["UNSUPPORTED", "this engine has no WebAssembly: run Node without --jitless, or a browser whose policy allows it"]);
  });

  it("has no address space: a sentence", async () => {
    const { code, message } = await said("sh", ["-c", `ulimit -v 4000000; exec "$0" "$@"`, process.execPath, written("")]);
    expect(code).toBe("OUT_OF_MEMORY");
    expect(message).toMatch(/^a runtime's memory needs .*ulimit -v/);
  });
});

describe("`worker` in Node", () => {
  const use = async (worker: () => Worker): Promise<number> => {
    const runtime = await createRuntime({ threads: 3, worker });
    runtime.network(feedForward({ sizes: [2, 1] })).evaluate({ inputs: new Float32Array(2), targets: new Float32Array(1), cases: 1 });
    const { threads } = runtime;
    await runtime.dispose();
    return threads;
  };

  it("may be a function that makes the threads", async () => {
    const made: Worker[] = [];
    expect(
      await use(() => {
        made.push(new Worker(helper));
        return made.at(-1)!;
      }),
    ).toBe(3);
    expect(made.length).toBe(2);
  });

  it("may be a path or an address", async () => {
    for (const worker of [fileURLToPath(helper), helper, helper.href]) {
      const runtime = await createRuntime({ threads: 2, worker });
      expect(runtime.threads).toBe(2);
      await runtime.dispose();
    }
  });

  it("that is something else is refused, and leaves no thread behind", async () => {
    for (const wrong of [() => undefined, () => ({}), () => ({ postMessage: () => undefined })]) {
      await expect(createRuntime({ threads: 2, worker: wrong as never })).rejects.toThrow(InvalidOptionError);
      // A wrong function is a mistake with or without a number of threads.
      if (availableParallelism() > 1) await expect(createRuntime({ worker: wrong as never })).rejects.toThrow(InvalidOptionError);
    }
    const others = ["file:///nowhere/at-all.js", "/nowhere/at-all.js"];
    for (const worker of others) await expect(createRuntime({ threads: 2, worker })).rejects.toMatchObject({ code: "UNSUPPORTED" });
    const chatty = (): Worker => new Worker('require("node:worker_threads").parentPort.postMessage("hello"); setInterval(() => undefined, 1000)', { eval: true });
    await expect(createRuntime({ threads: 2, worker: chatty })).rejects.toThrow(/its file is not heavyball\/worker/);
  });
});
