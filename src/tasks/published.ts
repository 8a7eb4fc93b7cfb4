import { InvalidOptionError } from "../errors.js";
import type { DataFiles } from "./dataFiles.js";

/** A file of a data set as it is published: what it is called, and by what it is known. */
export interface PublishedFile {
  readonly name: string;
  /** What it is called decompressed, where it is published compressed. */
  readonly plain?: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
  /** That of the file decompressed, where it is published compressed. */
  readonly plainSha256?: string;
  /** "60,000 images to train on": what it holds, for people. */
  readonly holds: string;
  /** How many cases it holds. */
  readonly cases: number;
  /** The name of the published file whose cases these are too: labels are those of as many images. */
  readonly sameCasesAs?: string;
  /** Whether the task itself reads it; others are for classifiers. */
  readonly isNeeded: boolean;
  /**
   * What a file is that stands in its place and is not the one that is published. Throws FormatError, under the name `file`, for what the
   * task could not read.
   */
  describe(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<DescribedFile>;
}

/** A file that is not the published one: "an IDX file of 60,000 x 28 x 28 bytes", and how many cases it holds. */
export interface DescribedFile {
  readonly words: string;
  readonly cases: number;
}

/** Whether these are the bytes of the published file, as it is or decompressed. */
export function isPublishedDigest({ sha256, plainSha256 }: PublishedFile, digest: string): boolean {
  return digest === sha256 || digest === plainSha256;
}

/** The names under which a published file may be there. */
export function namesOf({ name, plain }: PublishedFile): string[] {
  return plain === undefined ? [name] : [name, plain];
}

/** Published files as what has to be somewhere: names and SHA-256. */
export function wordsFor(published: readonly PublishedFile[]): string {
  const digests = ({ sha256, plainSha256 }: PublishedFile): string =>
    plainSha256 === undefined ? sha256 : `${sha256}, decompressed ${plainSha256}`;
  return published.map((file) => `${namesOf(file).join(" or ")} (published with SHA-256 ${digests(file)})`).join(" and ");
}

/** The names under which the files that a task reads are there. Throws InvalidOptionError that says which are not, and their SHA-256. */
export async function findPublished(files: DataFiles, published: readonly PublishedFile[]): Promise<string[]> {
  const names = await namesThere(files);
  const needed = published.filter(({ isNeeded }) => isNeeded);
  const found = needed.map((file) => namesOf(file).find((name) => names.includes(name)));
  const missing = needed.filter((_, at) => found[at] === undefined);
  if (missing.length > 0) throw new InvalidOptionError("data", files.place, `where there is ${wordsFor(missing)}`);
  return found as string[];
}

/** None where there is no such place: what is missing is said better by the names of the files. */
export async function namesThere(files: DataFiles): Promise<readonly string[]> {
  try {
    return await files.names();
  } catch (error) {
    if (error instanceof InvalidOptionError) return [];
    throw error;
  }
}
