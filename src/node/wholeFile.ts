import { type FileHandle, lstat, open, readlink, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StoreError } from "../trials/store.js";
import { withPath } from "./onFile.js";
import { temporaryName } from "./temporaryNames.js";

/**
 * Writes a file whole: under a temporary name that no other writer shares, flushed, closed, then renamed, and the directory flushed.
 * Whenever the process or the machine stops, the file is either the old one or the new one; of several writers at once, one of theirs. A
 * write that fails leaves nothing behind and throws the system's error, which names the file and not the temporary one, or StoreError for
 * what is no file.
 */
export async function writeWholeFile(path: string, content: Uint8Array | string): Promise<void> {
  const target = await targetOf(path);
  const temporary = temporaryName(target);
  try {
    await writeFlushed(temporary, content);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw tellAs(path, target, temporary, error);
  }
  await flushDirectory(dirname(target));
}

/**
 * The file that a path leads to, through symbolic links, also one that is not there yet. Throws StoreError for what is no file (a device, a
 * pipe), which a rename would replace; a directory is refused by the rename itself.
 */
async function targetOf(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const there = await lstat(target).catch(() => undefined);
    if (there === undefined || there.isFile() || there.isDirectory()) return target;
    if (!there.isSymbolicLink()) throw noFileAt(path, "it is a device or a pipe");
    target = resolve(dirname(target), await readlink(target));
  }
  throw noFileAt(path, "its symbolic links come to no end");
}

/** No InvalidOptionError: the file may be one of many in a directory that was given, and the caller knows what that was called. */
function noFileAt(path: string, why: string): StoreError {
  const what = `${path} cannot be written: ${why}, and a file has to be there; move it away, or give another place`;
  return new StoreError("unusable", path, what);
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

async function writeFlushed(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    // What went wrong first is what there is to tell.
    await file.close().catch(() => {});
    throw error;
  }
  await file.close();
}

/** Makes renames last. Some systems cannot open a directory; they order the renames themselves. */
export async function flushDirectory(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw withPath(path, error);
  } finally {
    await handle?.close();
  }
}

function tellAs(path: string, target: string, temporary: string, error: unknown): unknown {
  withPath(temporary, error);
  if (!(error instanceof Error)) return error;
  error.message = error.message.replace(` '${temporary}' -> '${target}'`, ` '${path}'`).replaceAll(temporary, path);
  if ((error as NodeJS.ErrnoException).path === temporary) (error as NodeJS.ErrnoException).path = path;
  return error;
}
