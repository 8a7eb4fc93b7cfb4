import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { appendFile, open, stat } from "node:fs/promises";
import { onFile, withPath } from "./onFile.js";

/**
 * Reads a file that is found under a name of ours in a directory. A pipe would keep its reader waiting for a writer, and a device may have
 * no end: for both, and for links to them, this throws an error like the system's own, ENXIO, and EOVERFLOW for a file of 2 GiB or more.
 * Everything else is as `readFile` has it.
 */
export async function readRegular(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return onFile(path, async () => {
    const file = await open(path, constants.O_RDONLY | NOT_WAITING);
    try {
      checkReadable(path, await file.stat());
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  });
}

/** The same, as text. */
export async function readRegularText(path: string): Promise<string> {
  return Buffer.from(await readRegular(path)).toString("utf8");
}

/** The same, as text and at once. */
export function readRegularTextSync(path: string): string {
  try {
    const file = openSync(path, constants.O_RDONLY | NOT_WAITING);
    try {
      checkReadable(path, fstatSync(file));
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw withPath(path, error);
  }
}

/** Appends text to such a file, which is made where there is none. */
export async function appendRegular(path: string, text: string): Promise<void> {
  await onFile(path, async () => {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined) checkRegular(path, there);
    await appendFile(path, text);
  });
}

/** Without it a pipe is opened only once somebody is at its other end. Windows has no such files, and no such flag. */
const NOT_WAITING = constants.O_NONBLOCK ?? 0;

/** As many bytes as Node reads of a file at once. */
const MOST_BYTES = 2 ** 31 - 1;

/** A directory is told by reading it. */
export function checkRegular(path: string, there: Stats): void {
  if (!there.isFile() && !there.isDirectory()) throw likeTheSystems("ENXIO", "a pipe or a device", path);
}

function checkReadable(path: string, there: Stats): void {
  checkRegular(path, there);
  if (there.size > MOST_BYTES) throw likeTheSystems("EOVERFLOW", `it has ${there.size} bytes, more than ${MOST_BYTES}`, path);
}

function likeTheSystems(code: string, what: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${what}, open '${path}'`), { code, syscall: "open", path });
}
