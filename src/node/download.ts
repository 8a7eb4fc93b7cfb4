import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { AbortedError, HeavyballError } from "../errors.js";
import { DownloadError } from "./downloadError.js";
import { request } from "./httpRequest.js";
import { checkRegular } from "./regularFile.js";

export interface DownloadOptions {
  /** Bytes that the file may have. */
  readonly most: number;
  /** Seconds without a byte after which the connection is given up. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Bytes that are there, and in all if the server said. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
}

/** What may pass by itself is tried so often, with these waits between, in milliseconds. */
const waits = [250, 1000, 2000];
const passing = [408, 425, 429, 500, 502, 503, 504];

/**
 * Fetches what is at an address into a file, going on where it ends if it is there already (by Range; a server that knows no ranges sends
 * the whole again). A connection that breaks or hangs is taken up again up to three times. Throws DownloadError, with what has come kept in
 * the file, unless that is too large; AbortedError; the system's error where the file cannot be written. Tells whether any of the file is
 * from an earlier call.
 */
export async function download(address: URL, path: string, options: DownloadOptions): Promise<{ readonly isContinued: boolean }> {
  const origin = { isContinued: (await sizeOf(path)) > 0 };
  for (let attempt = 0; ; attempt++) {
    try {
      await tryOnce(address, path, options, origin);
      return origin;
    } catch (error) {
      if (options.signal?.aborted) throw new AbortedError();
      // There is nothing to go on with.
      if (error instanceof TooLarge) await rm(path, { force: true });
      const status = error instanceof DownloadError ? error.status : undefined;
      const mayPass = error instanceof BrokenConnection || (status !== undefined && passing.includes(status));
      if (!mayPass) throw error;
      if (attempt === waits.length) {
        const kept = await sizeOf(path);
        const remedy = kept > 0 ? `; the ${kept} bytes that came are kept, and the same command goes on from there` : "";
        throw new DownloadError(`${(error as Error).message}, ${attempt + 1} times in a row${remedy}`, status);
      }
      await wait(waits[attempt], undefined, { signal: options.signal }).catch(() => {});
    }
  }
}

/** A connection that could not be made, broke off or hung. */
class BrokenConnection extends DownloadError {}

/** More than a file may have. */
class TooLarge extends DownloadError {}

async function tryOnce(address: URL, path: string, options: DownloadOptions, origin: { isContinued: boolean }): Promise<void> {
  const { most, timeoutSeconds, signal } = options;
  const from = await sizeOf(path);
  const ask = (begin: number): Promise<IncomingMessage> =>
    request(address, { timeoutSeconds, signal, headers: begin > 0 ? { Range: `bytes=${begin}-` } : {} }).catch(broken(address));
  let answer = await ask(from);
  if (answer.statusCode === 416) {
    // Nothing comes after what is there: it is whole, or of something else.
    const whole = /^bytes \*\/(\d+)$/.exec(answer.headers["content-range"] ?? "")?.[1];
    answer.destroy();
    if (Number(whole) === from) return;
    await rm(path, { force: true });
    answer = await ask(0);
  }
  const begin = beginOf(answer, from);
  if (begin === undefined) {
    answer.destroy();
    throw new DownloadError(
      `${address.href} was answered with ${answer.statusCode} ${answer.statusMessage ?? ""}`.trim(),
      answer.statusCode,
    );
  }
  const length = answer.headers["content-length"];
  const total = length === undefined ? undefined : begin + Number(length);
  if (total !== undefined && total > most) {
    answer.destroy();
    throw new TooLarge(`${address.href} has ${total} bytes; a file of this data set has at most ${most}`);
  }
  if (begin === 0) origin.isContinued = false;
  await store(answer, path, { begin, total, address, options });
}

/** The byte of the file with which an answer begins; undefined for one that brings nothing of it. */
function beginOf({ statusCode, headers }: IncomingMessage, asked: number): number | undefined {
  if (statusCode === 200) return 0;
  const begin = /^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1];
  return statusCode === 206 && Number(begin) === asked ? asked : undefined;
}

interface Part {
  readonly begin: number;
  readonly total: number | undefined;
  readonly address: URL;
  readonly options: DownloadOptions;
}

/** Writes the answer behind the first `begin` bytes of a file, whatever came after them before. */
async function store(answer: IncomingMessage, path: string, { begin, total, address, options }: Part): Promise<void> {
  const { most, onProgress } = options;
  const out = createWriteStream(path, begin === 0 ? { flags: "w" } : { flags: "r+", start: begin });
  const failed = new Promise<never>((_, reject) => out.once("error", reject));
  failed.catch(() => {});
  let there = begin;
  try {
    const chunks = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      const next = await Promise.race([chunks.next().catch(broken(address)), failed]);
      if (next.done) break;
      there += next.value.length;
      if (there > most) throw new TooLarge(`${address.href} has more than ${most} bytes; no file of this data set has as many`);
      if (!out.write(next.value)) await Promise.race([new Promise<void>((resolve) => out.once("drain", () => resolve())), failed]);
      onProgress?.(there, total);
    }
  } finally {
    answer.destroy();
    await Promise.race([new Promise<void>((resolve) => out.end(() => resolve())), failed.catch(() => {})]);
  }
  await Promise.race([failed, Promise.resolve()]);
  if (total !== undefined && there < total) throw new BrokenConnection(`${address.href} broke off after ${there} of ${total} bytes`);
}

function broken(address: URL): (error: Error) => never {
  return (error) => {
    if (error instanceof HeavyballError) throw error;
    throw new BrokenConnection(`${address.href} could not be fetched (${error.message})`);
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    const there = await stat(path);
    checkRegular(path, there);
    return there.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
