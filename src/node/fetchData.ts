import { readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { AbortedError, FormatError, InvalidOptionError } from "../errors.js";
import { sha256Hex } from "../formats/digest.js";
import { formatCount } from "../report/text/format.js";
import { kindOf, type TaskName, taskNames } from "../tasks/index.js";
import { namesOf, type PublishedFile } from "../tasks/published.js";
import { checkFunctions, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkSignal, orDefault } from "../validate.js";
import { addressOf, checkSource, type Source } from "./dataSource.js";
import { download } from "./download.js";
import { makeDirectory } from "./makeDirectory.js";
import { writeWholeFile } from "./wholeFile.js";

/** Options of `fetchData`. */
export interface FetchDataOptions {
  /** Where the files are: a directory, the only file of a data set, or an address (http or https) of either. */
  readonly from: string;
  /** The directory that they are to be in; made if it is not there. */
  readonly out: string;
  /** Seconds without a byte after which a connection is given up. Default 30. */
  readonly timeoutSeconds?: number;
  /** An abort ends the work; what has come of a file is kept, as FILE.part, and gone on with the next time. */
  readonly signal?: AbortSignal;
  /** Gets each file as soon as it is there. */
  readonly onFile?: (file: FetchedFile) => void;
  /** Gets how much of a file has come, and how much it is if that is known. */
  readonly onProgress?: (progress: { readonly name: string; readonly bytes: number; readonly total?: number }) => void;
}

/** A file of a data set that is where it should be. */
export interface FetchedFile {
  readonly name: string;
  readonly path: string;
  readonly how: "there already" | "copied" | "downloaded";
  readonly bytes: number;
  readonly sha256: string;
  /** Whether it is the one that is published; `note` says what it is otherwise. */
  readonly isPublished: boolean;
  readonly note?: string;
}

/** Bytes that a file of a data set may have: several times those of the largest, decompressed. */
const MOST_BYTES = 2 ** 28;

/** The data sets that are published, by the names of their tasks, each with its files. */
export const publishedData: Readonly<Partial<Record<TaskName, readonly PublishedFile[]>>> = Object.fromEntries(
  taskNames.flatMap((name) => {
    const { published } = kindOf({ name }).files ?? {};
    return published === undefined ? [] : [[name, published]];
  }),
);

/**
 * Fetches or copies the files of a data set, checks their SHA-256, and writes each whole or not at all. What is there already stays, unless
 * it is damaged. A file that is not the published one is taken if the task can read it, with a note.
 *
 * @param name "mnist" or "faces"
 * @throws InvalidOptionError; DownloadError for an address that gives nothing; FormatError for a file that is neither the published one nor
 *   one that the task reads; StoreError where nothing can be written; AbortedError; the system's errors
 */
export async function fetchData(name: string, options: FetchDataOptions): Promise<FetchedFile[]> {
  const published = publishedData[checkOneOf("name", name, Object.keys(publishedData)) as TaskName]!;
  const { from, out, ...rest } = checkFetchOptions(options);
  const source = await checkSource(from, published);
  makeDirectory(out);
  const fetched: FetchedFile[] = [];
  for (const file of published) {
    if (rest.signal?.aborted) throw new AbortedError();
    const one = (await thereAlready(file, out)) ?? (await bring(file, source, out, rest));
    fetched.push(one);
    rest.onFile?.(one);
  }
  return fetched;
}

/** The file if the directory holds it, whole, under one of its names. */
async function thereAlready(file: PublishedFile, out: string): Promise<FetchedFile | undefined> {
  for (const name of namesOf(file)) {
    const path = join(out, name);
    const bytes = await readFileIfThere(path);
    if (bytes === undefined) continue;
    try {
      return await told(file, name, path, bytes, "there already");
    } catch (error) {
      // Damaged: another takes its place.
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return undefined;
}

type Rest = Omit<FetchDataOptions, "from" | "out"> & { readonly timeoutSeconds: number };

async function bring(file: PublishedFile, source: Source, out: string, options: Rest): Promise<FetchedFile> {
  if (source.kind === "address") return bringFromAddress(file, addressOf(source, file), out, options);
  const from = source.paths.get(file.name)!;
  const bytes = await readFileIfThere(from);
  if (bytes === undefined) throw new InvalidOptionError("from", from, "a file that is still there");
  const name = namesOf(file).find((known) => known === basename(from)) ?? file.name;
  const path = join(out, name);
  const one = await told(file, name, path, bytes, "copied", from);
  await writeWholeFile(path, bytes);
  return one;
}

/** What has come is kept beside the file, and is gone on with; if that leads to no published file, it is fetched once more as a whole. */
async function bringFromAddress(file: PublishedFile, address: URL, out: string, options: Rest): Promise<FetchedFile> {
  const { timeoutSeconds, signal, onProgress } = options;
  const path = join(out, file.name);
  const part = `${path}.part`;
  for (;;) {
    const { isContinued } = await download(address, part, {
      most: MOST_BYTES,
      timeoutSeconds,
      signal,
      onProgress: (bytes, total) => onProgress?.({ name: file.name, bytes, ...(total === undefined ? {} : { total }) }),
    });
    const bytes = new Uint8Array(await readFile(part));
    const one = await told(file, file.name, path, bytes, "downloaded", address.href).catch(async (error: unknown) => {
      if (!(error instanceof FormatError)) throw error;
      await rm(part, { force: true });
      if (isContinued) return undefined;
      throw error;
    });
    // Ends of one file behind the beginning of another may make a third.
    if (one === undefined || (isContinued && !one.isPublished)) {
      await rm(part, { force: true });
      continue;
    }
    await writeWholeFile(path, bytes);
    await rm(part, { force: true });
    return one;
  }
}

/** What is said of a file. Throws FormatError, under the name `called`, for one that is neither published nor read. */
async function told(
  file: PublishedFile,
  name: string,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  how: FetchedFile["how"],
  called = path,
): Promise<FetchedFile> {
  const sha256 = await sha256Hex(bytes);
  const one = { name, path, how, bytes: bytes.length, sha256, isPublished: sha256 === file.sha256 };
  if (one.isPublished) return one;
  const what = await file.describe(bytes, called).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    const other = `its ${formatCount(bytes.length)} bytes have the SHA-256 ${sha256}, those of ${file.name} ${file.sha256}`;
    throw new FormatError(called, error.offset, `${error.expected}; ${other}`);
  });
  return { ...one, note: `not ${file.name} as it is published, but ${what}` };
}

/** Throws InvalidOptionError for what is no file, such as a pipe, or too large. */
async function readFileIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const size = await sizeIfThere(path, -1);
  if (size < 0) return undefined;
  if (size > MOST_BYTES) throw new InvalidOptionError("from", path, `a file of at most ${MOST_BYTES} bytes; it has ${size}`);
  return new Uint8Array(await readFile(path));
}

async function sizeIfThere(path: string, missing = 0): Promise<number> {
  try {
    const there = await stat(path);
    if (!there.isFile()) throw new InvalidOptionError("path", path, "that of a file: this is a directory, a device or a pipe");
    return there.size;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return missing;
    throw error;
  }
}

function checkFetchOptions(options: FetchDataOptions): FetchDataOptions & { readonly timeoutSeconds: number } {
  const given = checkObject("options of fetchData", options);
  checkKnownOptions("fetchData", given, ["from", "out", "timeoutSeconds", "signal", "onFile", "onProgress"]);
  for (const name of ["from", "out"] as const) {
    const value = given[name];
    if (typeof value !== "string" || value === "" || value.includes("\0"))
      throw new InvalidOptionError(name, value, name === "out" ? "the path of a directory" : "the path of a directory, or an address");
  }
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onFile", "onProgress"]);
  return { ...options, timeoutSeconds: checkNumber("timeoutSeconds", orDefault(given.timeoutSeconds, 30), 0.001, 86_400) };
}
