import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { AbortedError, FormatError, InvalidOptionError } from "../errors.js";
import { kindOf, type TaskName, taskNames } from "../tasks/index.js";
import { namesOf, type PublishedFile } from "../tasks/published.js";
import { checkFunctions, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkSignal, orDefault } from "../validate.js";
import { addressOf, checkSource } from "./dataSource.js";
import { download } from "./download.js";
import { checkTogether, type FetchedFile, type LookedAt, lookAt, MOST_BYTES, noFile, sizeIfThere, thereAlready } from "./fetchedFile.js";
import { makeDirectory } from "./makeDirectory.js";
import { readRegular } from "./regularFile.js";
import { writeWholeFile } from "./wholeFile.js";

export type { FetchedFile };

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

/** The data sets that are published, by the names of their tasks, each with its files. */
export const publishedData: Readonly<Partial<Record<TaskName, readonly PublishedFile[]>>> = Object.fromEntries(
  taskNames.flatMap((name) => {
    const { published } = kindOf({ name }).files ?? {};
    return published === undefined ? [] : [[name, published]];
  }),
);

/**
 * Fetches or copies the files of a data set, checks their SHA-256, and writes each whole or not at all. What is there already stays. A file
 * that is not the published one is taken if the task can read it, with a note; files that contradict each other, such as more labels than
 * images, are not.
 *
 * @param name "mnist" or "faces"
 * @throws InvalidOptionError, also where the directory has another file in the place of one; DownloadError for an address that gives
 *   nothing; FormatError for a file that is neither the published one nor one that the task reads, or does not go with another; StoreError
 *   where nothing can be written; AbortedError; the system's errors
 */
export async function fetchData(name: string, options: FetchDataOptions): Promise<FetchedFile[]> {
  const published = publishedData[checkOneOf("name", name, Object.keys(publishedData)) as TaskName]!;
  const { from, out, ...rest } = checkFetchOptions(options);
  const source = await checkSource(from, published);
  // What can be wrong with files that are at hand is told before anything is written.
  const atHand: (LookedAt | undefined)[] = [];
  for (const file of published)
    atHand.push((await thereAlready(file, out)) ?? (source.kind === "paths" ? await atPath(file, source.paths, out) : undefined));
  checkTogether(published, atHand);
  makeDirectory(out);
  const files: (LookedAt | undefined)[] = [...atHand];
  for (const [at, file] of published.entries()) {
    if (rest.signal?.aborted) throw new AbortedError();
    const check = (one: LookedAt): void =>
      checkTogether(
        published,
        files.map((other, index) => (index === at ? one : other)),
      );
    files[at] =
      source.kind === "address" && files[at] === undefined
        ? await bringFromAddress(file, addressOf(source, file), out, rest, check)
        : await put(file, files[at]!, out);
    rest.onFile?.(files[at].fetched);
  }
  return files.map((one) => one!.fetched);
}

type Rest = Omit<FetchDataOptions, "from" | "out"> & { readonly timeoutSeconds: number };

/** A file that is to be copied. Throws FormatError. */
async function atPath(file: PublishedFile, paths: ReadonlyMap<string, string>, out: string): Promise<LookedAt> {
  const from = paths.get(file.name)!;
  const size = await sizeIfThere(from);
  if (size === undefined) throw new InvalidOptionError("from", from, "a file that is still there");
  if (size === "no file")
    throw new InvalidOptionError("from", from, `a file: this is ${noFile}; give another place, or put the file there`);
  if (size > MOST_BYTES) throw new InvalidOptionError("from", from, `a file of at most ${MOST_BYTES} bytes; it has ${size}`);
  const name = namesOf(file).find((known) => known === basename(from)) ?? file.name;
  return lookAt(file, name, out, await readRegular(from), "copied", from);
}

/** Writes a file that is not there yet; one that has come there meanwhile stays. */
async function put(file: PublishedFile, one: LookedAt, out: string): Promise<LookedAt> {
  if (one.fetched.how === "there already") return one;
  const meanwhile = await thereAlready(file, out);
  if (meanwhile !== undefined) return meanwhile;
  await writeWholeFile(one.fetched.path, one.content);
  return one;
}

/**
 * What has come is kept beside the file, and is gone on with; if that leads to no published file, it is fetched once more as a whole.
 * `check` throws FormatError for one that does not go with the others.
 */
async function bringFromAddress(
  file: PublishedFile,
  address: URL,
  out: string,
  { timeoutSeconds, signal, onProgress }: Rest,
  check: (one: LookedAt) => void,
): Promise<LookedAt> {
  const part = join(out, `${file.name}.part`);
  for (;;) {
    const { isContinued } = await download(address, part, {
      most: MOST_BYTES,
      timeoutSeconds,
      signal,
      onProgress: (bytes, total) => onProgress?.({ name: file.name, bytes, ...(total === undefined ? {} : { total }) }),
    });
    let one: LookedAt;
    try {
      one = await lookAt(file, file.name, out, await readRegular(part), "downloaded", address.href);
      check(one);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      await rm(part, { force: true });
      if (isContinued) continue;
      throw error;
    }
    // Ends of one file behind the beginning of another may make a third.
    if (isContinued && !one.fetched.isPublished) {
      await rm(part, { force: true });
      continue;
    }
    const made = await put(file, one, out);
    await rm(part, { force: true });
    return made;
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
