import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FormatError, InvalidOptionError } from "../errors.js";
import { sha256Hex } from "../formats/digest.js";
import { formatCount } from "../report/text/format.js";
import { isPublishedDigest, namesOf, type PublishedFile } from "../tasks/published.js";
import { readRegular } from "./regularFile.js";

/** A file of a data set that is where it should be. */
export interface FetchedFile {
  readonly name: string;
  readonly path: string;
  readonly how: "there already" | "copied" | "downloaded";
  readonly bytes: number;
  readonly sha256: string;
  /** Whether it is the one that is published, as it is or decompressed; `note` says what it is otherwise. */
  readonly isPublished: boolean;
  readonly note?: string;
}

/** A file that can be read, where it should be or on its way there. */
export interface LookedAt {
  readonly fetched: FetchedFile;
  /** Where it was found, for messages: a path, an address. */
  readonly called: string;
  readonly cases: number;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Bytes that a file of a data set may have: several times those of the largest, decompressed. */
export const MOST_BYTES = 2 ** 28;

/**
 * Looks at a file that is or will be `name` in the directory `out`. Throws FormatError, under the name `called`, for one that is neither
 * published nor can be read in its place.
 */
export async function lookAt(
  file: PublishedFile,
  name: string,
  out: string,
  content: Uint8Array<ArrayBuffer>,
  how: FetchedFile["how"],
  called: string,
): Promise<LookedAt> {
  const sha256 = await sha256Hex(content);
  const isPublished = isPublishedDigest(file, sha256);
  const fetched = { name, path: join(out, name), how, bytes: content.length, sha256, isPublished };
  if (isPublished) return { fetched, called, cases: file.cases, content };
  const { words, cases } = await file.describe(content, called).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    const published = (name === file.plain ? file.plainSha256 : undefined) ?? file.sha256;
    const other = `its ${formatCount(content.length)} bytes have the SHA-256 ${sha256}, those of ${name} ${published}`;
    throw new FormatError(called, error.offset, `${error.expected}; ${other}`);
  });
  return { fetched: { ...fetched, note: `not ${file.name} as it is published, but ${words}` }, called, cases, content };
}

/**
 * The file if the directory holds it under one of its names. Throws InvalidOptionError for one in its place that cannot be read: somebody
 * put it there, and it would be overwritten, or read in place of what is brought.
 */
export async function thereAlready(file: PublishedFile, out: string): Promise<LookedAt | undefined> {
  for (const name of namesOf(file)) {
    const path = join(out, name);
    const refuse = (why: string): never => {
      const remedy = "move it away, or give another directory";
      throw new InvalidOptionError("out", out, `a directory where nothing else has the place of ${name}: ${path} ${why}; ${remedy}`);
    };
    const size = await sizeIfThere(path);
    if (size === undefined) continue;
    if (size === "no file") return refuse(`is ${noFile}`);
    if (size > MOST_BYTES) refuse(`has ${size} bytes, and a file of this data set at most ${MOST_BYTES}`);
    const content = await readRegular(path);
    try {
      return await lookAt(file, name, out, content, "there already", path);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refuse(`is another file (at byte ${error.offset}, expected ${error.expected})`);
    }
  }
  return undefined;
}

/** Files of the same cases have as many of them. Throws FormatError that names the later one and the one that it does not go with. */
export function checkTogether(published: readonly PublishedFile[], files: readonly (LookedAt | undefined)[]): void {
  for (const [at, { sameCasesAs }] of published.entries()) {
    const one = files[at];
    const other = files[published.findIndex(({ name }) => name === sameCasesAs)];
    if (one === undefined || other === undefined || one.cases === other.cases) continue;
    const expected = `${formatCount(other.cases)} cases, as many as ${other.called} has, found ${formatCount(one.cases)}`;
    throw new FormatError(one.called, 4, `${expected}; give files of one data set`);
  }
}

/** What is there and no file. */
export const noFile = "a directory, a device or a pipe";

/** Undefined where there is nothing. */
export async function sizeIfThere(path: string): Promise<number | "no file" | undefined> {
  try {
    const there = await stat(path);
    return there.isFile() ? there.size : "no file";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
