import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { LockHolder } from "#internal/node/runLock";
import { runModule } from "./childProcess.js";

/** As a child process imports it. */
export const lockModule = new URL("../../dist/node/runLock.js", import.meta.url).href;

/** A lock whose process has ended without releasing it. */
export async function leaveLock(path: string): Promise<LockHolder> {
  const source =
    `import { RunLock } from ${JSON.stringify(lockModule)}; RunLock.take(${JSON.stringify(path)}); process.kill(process.pid, ` +
    '"SIGKILL");';
  expect((await runModule(source)).code).toBeNull();
  return JSON.parse(readFileSync(path, "utf8"));
}
