import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sweep } from "heavyball";
import { runSweep } from "heavyball";
import { sweepDirectory } from "heavyball/node";
import { queueExecutor, runWorker, type WorkerEvent, type WorkerOptions } from "heavyball/queue";
import { main } from "./commandLine.js";
import type { RedisServer } from "./redisServer.js";

const begun = new Set<() => Promise<unknown>>();

const spawned = new Set<ChildProcess>();

/** Ends the workers that a test has left, as one that failed does. */
export async function endWorkers(): Promise<void> {
  for (const child of spawned) child.kill("SIGKILL");
  await Promise.all([...begun].map((stop) => stop().catch(() => {})));
  begun.clear();
}

/** A worker of this process; `stop` ends it and gives what it did. */
export function beginWorker(server: Pick<RedisServer, "url">, options: Partial<WorkerOptions> = {}) {
  const controller = new AbortController();
  const events: WorkerEvent[] = [];
  const troubles: string[] = [];
  let ready: (() => void) | undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const ended = runWorker({
    connection: server.url,
    jobs: 1,
    threads: 1,
    signal: controller.signal,
    onReady: () => ready!(),
    onEvent: (event) => events.push(event),
    onTrouble: (sentence) => troubles.push(sentence),
    ...options,
  });
  const takes = Promise.race([isReady, ended.then(() => {})]);
  // Whoever waits for neither looks at what it did.
  for (const promise of [ended, takes]) promise.catch(() => {});
  const stop = () => {
    controller.abort();
    return ended;
  };
  begun.add(stop);
  /** `ready` resolves when it takes trials, and rejects where it never does. */
  return { events, troubles, ended, ready: takes, stop };
}

/** Runs a sweep through a server into a directory. */
export function sweepBy(
  server: Pick<RedisServer, "url">,
  sweep: Sweep,
  directory: string,
  { jobs, attempts, ...options }: { jobs?: number; attempts?: number } & Partial<Parameters<typeof runSweep>[1]> = {},
) {
  const limits = { ...(jobs === undefined ? {} : { jobs }), ...(attempts === undefined ? {} : { attempts }) };
  return runSweep(sweep, {
    executor: queueExecutor({ connection: server.url, ...limits }),
    store: sweepDirectory(directory),
    kernels: "simd",
    ...options,
  });
}

/** A worker that is a process of its own, as the command line starts it. */
export function spawnWorker(url: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, [main, "worker", "--queue", url, "--jobs", "1", "--threads", "1", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  spawned.add(child);
  child.once("close", () => spawned.delete(child));
  let output = "";
  let hear: (() => void) | undefined;
  const listen = (text: string): void => {
    output += text;
    hear?.();
  };
  child.stdout.setEncoding("utf8").on("data", listen);
  child.stderr.setEncoding("utf8").on("data", listen);
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    child,
    ended,
    output: () => output,
    /** Resolves when it has said so. */
    async said(what: RegExp): Promise<void> {
      while (!what.test(output)) {
        if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}: ${output}`);
        await new Promise<void>((resolve) => {
          hear = resolve;
          setTimeout(resolve, 100);
        });
      }
    },
  };
}

/** A directory for one file of tests. */
export function testDirectory(name: string) {
  const path = mkdtempSync(join(tmpdir(), `heavyball-${name}-`));
  return { path, at: (...parts: string[]) => join(path, ...parts), remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Waits for something to be so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, seconds = 60): Promise<void> {
  const begun = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begun > 1000 * seconds) throw new Error(`after ${seconds} s: not ${what}`);
    await pause(20);
  }
}

/** A password with everything that means something in an address, and how it is written there. */
export const password = "s3cret/p@ss:w%rd?#x";
export const written = encodeURIComponent(password);
/** Parts of it that are in a text. */
export const isTold = (text: string) => [password, written, "s3cret", "w%25rd"].filter((part) => text.includes(part));
