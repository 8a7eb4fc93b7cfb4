import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { writeFiles } from "../support/loading/project.js";
import { runQuietly, runTool } from "../support/loading/runTool.js";
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

/** The path of a program: of the workplace by its name in node_modules/.bin, of this machine by its path. */
const pathOf = (command: string) => (command.startsWith("/") ? command : join(WORKPLACE, "node_modules/.bin", command));

/** Runs a program and resolves to what it prints; fails where it does. */
export const run = (command: string, given: readonly string[], cwd: string) => runTool(pathOf(command), given, cwd);

/** Has an engine, which must have nothing to complain of, run a program, and returns what it printed as JSON. */
export async function printed<Result>(engine: string, given: readonly string[], cwd: string): Promise<Result> {
  return JSON.parse(await runQuietly(pathOf(engine), given, cwd)) as Result;
}

/** Serves a folder, isolated unless other headers are given, and opens its page. */
export async function visit(visitor: Pick<Visitor, "open">, folder: string, headers: Readonly<Record<string, string>> = ISOLATION_HEADERS) {
  const site = await serve(folder, headers);
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
