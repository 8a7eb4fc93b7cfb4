import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jsonLines, main } from "./commandLine.js";

const faults = fileURLToPath(new URL("./faults.mjs", import.meta.url));

/** A trial of a few milliseconds. */
export const tiny = "addition --length 10 --hidden 3 --batch-size 4 --test-cases 10 --updates 3 --threads 1 --kernels simd".split(" ");
/** One that does not end by itself. */
export const endless = tiny.map((arg, at) => (tiny[at - 1] === "--updates" ? "100000000" : arg));

export interface Faulty {
  /** As in faults.mjs. */
  readonly fault?: string;
  readonly lasts?: boolean;
  readonly trace?: string;
}

export interface FaultyEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line with an operation on files that fails, or at which the process is killed. */
export function runFaulty(directory: string, args: readonly string[], { fault = "", lasts, trace }: Faulty): Promise<FaultyEnd> {
  const env = {
    ...process.env,
    FAULT: fault,
    ...(lasts ? { FAULT_LASTS: "1" } : {}),
    ...(trace === undefined ? {} : { FAULT_TRACE: trace }),
  };
  const child = spawn(process.execPath, ["--import", faults, main, ...args], { cwd: directory, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) =>
    child.on("error", reject).on("close", (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
}

/** What a finished run holds, without seconds and the team, which are not the spec's, and without the page, which tells both. */
export function contents(run: string): Record<string, unknown> {
  const read = (name: string) => readFileSync(join(run, name), "utf8");
  const { seconds: _seconds, machine, ...record } = JSON.parse(read("record.json"));
  return {
    files: readdirSync(run)
      .filter((name) => name !== "checkpoint.previous.bin")
      .sort(),
    spec: read("spec.json"),
    reports: jsonLines(read("reports.jsonl")).map(({ seconds: _, ...rest }) => rest),
    record: { ...record, machine: { ...machine, threads: 0 } },
    model: readFileSync(join(run, "model.safetensors"), "latin1"),
    best: readFileSync(join(run, "best.safetensors"), "latin1"),
  };
}

/** Names in a directory that no run leaves when it has ended. */
export const leftovers = (run: string) =>
  readdirSync(run).filter((name) => name.startsWith(".") || name.endsWith(".tmp") || name === "lock.json");

/** Does the work for all items, two at a time. */
export async function byTwos<Item>(items: readonly Item[], work: (item: Item, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      await work(items[at], at);
    }
  };
  await Promise.all([worker(), worker()]);
}
