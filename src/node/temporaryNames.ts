import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRunning, ownIdentity } from "./processIdentity.js";

const temporary = /^\.heavyball-(\d+)-(\d*)-[0-9a-f-]{36}\.tmp$/;
const takeover = /^\.heavyball-takeover-[0-9a-f-]{36}\.json$/;

/** The name beside a lock under which whoever finds it left behind holds the right to remove it; `token` is that lock's. */
export function takeoverName(lock: string, token: string): string {
  return join(dirname(lock), `.heavyball-takeover-${token}.json`);
}

/**
 * A name beside `path` that no other writer has, be it another process, another thread or another call of this one. It tells whose it is,
 * so that what a killed process left can be told from what is being written; and it is short, since `path` may have a name of the longest
 * that the system allows.
 */
export function temporaryName(path: string): string {
  const { pid, began } = ownIdentity();
  return join(dirname(path), `.heavyball-${pid}-${began}-${randomUUID()}.tmp`);
}

/**
 * Removes what processes that are gone left under temporary names in a directory whose lock the caller holds: it, too, was taken over, so
 * that no right to do so counts.
 */
export function removeLeftTemporaries(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid, began] = temporary.exec(name) ?? [];
    if (!takeover.test(name) && (pid === undefined || isRunning({ pid: Number(pid), began }))) continue;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}
