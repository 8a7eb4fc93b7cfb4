import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "./temporaryNames.js";

/**
 * Writes a file whole: under a temporary name that no other writer shares, flushed, closed, then renamed, and the directory flushed. Whenever the process or the machine
 * stops, the file is either the old one or the new one; of several writers at once, one of theirs. A write that fails leaves nothing behind and throws the system's error, in
 * whose message the temporary name is the file's own.
 */
export async function writeWholeFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeFlushed(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw tellAs(path, temporary, error);
  }
  await flushDirectory(dirname(path));
}

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
  let handle;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle?.close();
  }
}

function tellAs(path: string, temporary: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replace(` '${temporary}' -> '${path}'`, ` '${path}'`).replaceAll(temporary, path);
  if ((error as NodeJS.ErrnoException).path === temporary) (error as NodeJS.ErrnoException).path = path;
  return error;
}
