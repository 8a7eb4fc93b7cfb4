import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a child process ended; `code` is null when it had to be killed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a module's source in a Node of its own, which can import "heavyball", and kills it after `milliseconds`. */
export function runModule(source: string, { flags = [] as readonly string[], milliseconds = 60_000 } = {}): Promise<Ended> {
  return runCommand(process.execPath, [...flags, "--input-type=module", "--eval", source], { milliseconds });
}

/** Runs a command in the package's folder, and kills it after `milliseconds`. */
export function runCommand(command: string, given: readonly string[], { milliseconds = 60_000 } = {}): Promise<Ended> {
  const child = spawn(command, given, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: milliseconds, killSignal: "SIGKILL" });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output: output.trim(), errors: errors.trim() }));
  });
}
