import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { writeFiles } from "../support/loading/project.js";
import { ISOLATION_HEADERS, serve, Visitor } from "../support/loading/site.js";

/** Where the tools and the package are installed; projects lie below it and find both. */
export const WORKPLACE = fileURLToPath(new URL("../../build/loading/", import.meta.url));

/** A tool's module, of the workplace's own installation. */
export const required = createRequire(join(WORKPLACE, "package.json"));

/** Makes a project and returns its folder. */
export function project(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(WORKPLACE, "projects", name);
  writeFiles(folder, { "package.json": `{ "name": "${name}", "private": true, "type": "module" }`, ...files });
  return folder;
}

/** Runs a program of the workplace (a name in node_modules/.bin) or of this machine; fails where it does. */
export async function run(command: string, given: readonly string[], cwd: string): Promise<string> {
  const path = command.startsWith("/") || command === "npm" ? command : join(WORKPLACE, "node_modules/.bin", command);
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
  expect(code, `${command} ${given.join(" ")}\n${output}\n${errors}`).toBe(0);
  return output.trim();
}

/** Serves a folder, isolated, and opens its page. */
export async function visit(visitor: Visitor, folder: string) {
  const site = await serve(folder, ISOLATION_HEADERS);
  try {
    return await visitor.open(site.address);
  } finally {
    await site.close();
  }
}

/** A port of this machine that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** What a server answers once it is there, as JSON. */
export async function answerOf(address: string): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return answer.json();
    expect(tries, `${address} answers ${answer?.status}: ${await answer?.text()}`).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

export { Visitor };
