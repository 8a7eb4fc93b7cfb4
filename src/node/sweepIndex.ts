import { createHash } from "node:crypto";
import type { StoredRecord } from "../sweeps/storedTrial.js";
import { appendRegular, readRegularText } from "./regularFile.js";
import { writeWholeFile } from "./wholeFile.js";

/** A record as the index knows it, and the file that it was read from. */
export interface IndexEntry {
  readonly key: string;
  /** Size and time of record.json, by which a change is seen. */
  readonly size: number;
  readonly modified: number;
  /** SHA-256 of record.json, by which a change of its content is told from a touch. */
  readonly digest: string;
  readonly record: StoredRecord;
}

/**
 * The records of a sweep's directory in one file, so that ten thousand of them are listed by reading one. It is a copy and never more: a
 * line counts only while the record.json that it was made from is there, with the size and the time it had then; whatever of it is missing
 * or damaged is made again from the records.
 *
 * A line is the SHA-256 of its JSON, a blank and the JSON; of two lines of a key the last one counts.
 */
export class SweepIndex {
  private constructor(
    private readonly path: string,
    private readonly entries: Map<string, IndexEntry>,
    private readonly lines: number,
    private readonly isDamaged: boolean,
  ) {}

  static async read(path: string): Promise<SweepIndex> {
    const text = await readRegularText(path).catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    const entries = new Map<string, IndexEntry>();
    let damaged = text !== "" && !text.endsWith("\n");
    for (const line of lines) {
      const entry = entryOf(line);
      if (entry === undefined) damaged = true;
      else entries.set(entry.key, entry);
    }
    return new SweepIndex(path, entries, lines.length, damaged);
  }

  get(key: string): IndexEntry | undefined {
    return this.entries.get(key);
  }

  /**
   * Adds entries. A file that is damaged, or half of which has had its day, is written anew, with the entries of `keys` alone. An index
   * that cannot be written is none the worse for it: the records are read instead.
   */
  async add(fresh: readonly IndexEntry[], keys: ReadonlySet<string>): Promise<void> {
    for (const entry of fresh) this.entries.set(entry.key, entry);
    const isWorn = this.isDamaged || this.lines + fresh.length > 2 * keys.size + 100;
    if (fresh.length === 0 && !isWorn) return;
    const kept = [...this.entries.values()].filter(({ key }) => keys.has(key));
    const text = (entries: readonly IndexEntry[]): string => entries.map(lineOf).join("");
    await (isWorn ? writeWholeFile(this.path, text(kept)) : appendRegular(this.path, text(fresh))).catch(() => {});
  }

  /** Adds an entry to the end of the file. */
  static async append(path: string, entry: IndexEntry): Promise<void> {
    await appendRegular(path, lineOf(entry)).catch(() => {});
  }
}

/** SHA-256 in hexadecimal digits. */
export function digestOf(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

function lineOf(entry: IndexEntry): string {
  const json = JSON.stringify(entry);
  return `${digestOf(json)} ${json}\n`;
}

function entryOf(line: string): IndexEntry | undefined {
  const json = line.slice(65);
  return line[64] === " " && digestOf(json) === line.slice(0, 64) ? (JSON.parse(json) as IndexEntry) : undefined;
}
