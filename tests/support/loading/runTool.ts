import { spawn } from "node:child_process";
import { expect } from "vitest";

/** Runs a program, by its path or its name in PATH, and resolves to what it prints; fails where it does. */
export async function runTool(path: string, given: readonly string[], cwd: string): Promise<string> {
  return (await runAndHear(path, given, cwd)).output;
}

/** Runs a program that must have nothing to complain of, by its path or its name in PATH, and resolves to what it prints. */
export async function runQuietly(path: string, given: readonly string[], cwd: string): Promise<string> {
  const { output, errors } = await runAndHear(path, given, cwd);
  expect(errors).toBe("");
  return output;
}

async function runAndHear(path: string, given: readonly string[], cwd: string): Promise<{ output: string; errors: string }> {
  const env = { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: "", NEXT_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", CI: "1" };
  const child = spawn(path, given, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: 240_000, killSignal: "SIGKILL" });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  expect(code, `${path} ${given.join(" ")}\n${output}\n${errors}`).toBe(0);
  return { output: output.trim(), errors };
}
