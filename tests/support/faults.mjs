/**
 * To be loaded with `node --import`: counts what a process does to files and, at one of these operations, kills it, fails or writes all of
 * them down.
 *
 *     FAULT=kill:7          SIGKILL before operation 7 (from 0)
 *     FAULT=ENOSPC:7        operation 7 fails with that code, as do later writes where FAULT_LASTS is set
 *     FAULT=kill:append:3   of operations of that name alone, or "append reports.jsonl"
 *     FAULT_TRACE=path      every operation, a line each, is added to that file
 *
 * Operations: open (for writing), write, sync, close, rename, link, unlink, mkdir, rmdir, append; syncDirectory for a directory's.
 */
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";

const real = { appendFileSync: fs.appendFileSync, kill: process.kill.bind(process) };
const [kind, ...rest] = (process.env.FAULT ?? "").split(":");
const at = Number(rest.at(-1));
const only = rest.length > 1 ? rest[0] : undefined;
const trace = process.env.FAULT_TRACE;
let count = 0;

/** Temporary names differ from run to run. */
const nameOf = (path) => basename(String(path)).replace(/^\.heavyball-(takeover-)?.*\.(tmp|json)$/, "$1temporary");

function meet(operation, path, to) {
  const name = `${operation} ${nameOf(path)}${to === undefined ? "" : ` ${nameOf(to)}`}`;
  if (trace !== undefined) real.appendFileSync(trace, `${name}\n`);
  if (kind === "" || (only !== undefined && !name.startsWith(only))) return;
  const index = count++;
  if (index !== at && !(index > at && process.env.FAULT_LASTS !== undefined && /^(open|write|append|mkdir|link)/.test(name))) return;
  if (kind === "kill") {
    real.kill(process.pid, "SIGKILL");
    // The signal is on its way: nothing more is done meanwhile.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  // write(2) and fsync(2) know a file by its number alone.
  const named = /^(write|sync|append)/.test(operation) ? {} : { path };
  const words = named.path === undefined ? operation : `${operation} '${path}'`;
  throw Object.assign(new Error(`${kind}: injected, ${words}`), { code: kind, syscall: operation, ...named });
}

const writes = (flags) => typeof flags === "string" && /[wa+]/.test(flags);

if (isMainThread) {
  const paths = new Map();
  const { openSync, writeSync, fsyncSync, closeSync, renameSync, linkSync, rmSync, mkdirSync, rmdirSync, appendFileSync } = fs;
  fs.openSync = (path, flags, ...more) => {
    if (writes(flags)) meet("open", path);
    const file = openSync(path, flags, ...more);
    if (writes(flags)) paths.set(file, path);
    return file;
  };
  const onFile =
    (operation, original) =>
    (file, ...more) => {
      if (paths.has(file)) meet(operation, paths.get(file));
      return original(file, ...more);
    };
  fs.writeSync = onFile("write", writeSync);
  fs.fsyncSync = onFile("sync", fsyncSync);
  fs.closeSync = (file) => {
    const path = paths.get(file);
    paths.delete(file);
    closeSync(file);
    if (path !== undefined) meet("close", path);
  };
  const onPath =
    (operation, original) =>
    (path, ...more) => {
      meet(operation, path, operation === "rename" || operation === "link" ? more[0] : undefined);
      return original(path, ...more);
    };
  fs.renameSync = onPath("rename", renameSync);
  fs.linkSync = onPath("link", linkSync);
  fs.rmSync = onPath("unlink", rmSync);
  fs.mkdirSync = onPath("mkdir", mkdirSync);
  fs.rmdirSync = onPath("rmdir", rmdirSync);
  fs.appendFileSync = onPath("append", appendFileSync);

  const { open, rename, rm, appendFile } = promises;
  promises.appendFile = async (path, ...more) => (meet("append", path), appendFile(path, ...more));
  promises.rename = async (from, to) => (meet("rename", from, to), rename(from, to));
  promises.rm = async (path, options) => (meet("unlink", path), rm(path, options));
  promises.open = async (path, flags, ...more) => {
    if (writes(flags)) meet("open", path);
    const handle = await open(path, flags, ...more);
    const isDirectory = (await handle.stat()).isDirectory();
    if (!writes(flags) && !isDirectory) return handle;
    const { writeFile, sync, close } = handle;
    handle.writeFile = async (content) => {
      // Half of it is there when it is killed or fails.
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      await writeFile.call(handle, bytes.subarray(0, bytes.length >> 1));
      meet("write", path);
      await writeFile.call(handle, bytes.subarray(bytes.length >> 1));
    };
    handle.sync = async () => (meet(isDirectory ? "syncDirectory" : "sync", path), sync.call(handle));
    handle.close = async () => {
      await close.call(handle);
      if (!isDirectory) meet("close", path);
    };
    return handle;
  };
  syncBuiltinESMExports();
}
