import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../errors.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../trials/checkpoint.js";
import { flushDirectory, writeWholeFile } from "./wholeFile.js";

/** In the order in which they are looked at. */
export const checkpointFiles = ["checkpoint.bin", "checkpoint.next.bin", "checkpoint.previous.bin"] as const;

/** A checkpoint that was found; `damaged` is what was wrong with another file that may have held a newer one. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The path of its file. */
  readonly file: string;
  /** Whether that is the one in which the newest belongs. */
  readonly isPresent: boolean;
  readonly isPrevious: boolean;
  readonly damaged?: FormatError;
}

/**
 * The last two checkpoints of a run, and for a moment a third: a new one is written whole as checkpoint.next.bin before the present one
 * becomes the predecessor and the new one the present. Only a present one that is known to be whole becomes the predecessor, so that at
 * every moment at least one file is whole and is found.
 */
export class CheckpointFiles {
  private readonly present: string;
  private readonly next: string;
  private readonly previous: string;
  /** Whether the present file was written or read here, and is whole. */
  private isWhole = false;

  constructor(private readonly directory: string) {
    [this.present, this.next, this.previous] = checkpointFiles.map((name) => join(directory, name));
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    await writeWholeFile(this.next, await encodeCheckpoint(checkpoint));
    if (this.isWhole) {
      this.isWhole = false;
      await rename(this.present, this.previous);
    }
    await rename(this.next, this.present);
    this.isWhole = true;
    await flushDirectory(this.directory);
  }

  /**
   * Of the checkpoints that are whole the one after the most updates; undefined when there is no file at all. When none is whole, throws
   * the FormatError of the newest; throws CheckpointMismatchError for one of another numerics version.
   */
  async load(): Promise<FoundCheckpoint | undefined> {
    let best: Checkpoint | undefined;
    let file = this.present;
    let damaged: FormatError | undefined;
    for (const path of [this.present, this.next, this.previous]) {
      if (!existsSync(path)) continue;
      try {
        const checkpoint = await decodeCheckpoint(new Uint8Array(await readFile(path)), path);
        if (path === this.present) this.isWhole = true;
        if (best !== undefined && checkpoint.state.update <= best.state.update) continue;
        best = checkpoint;
        file = path;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        // What is wrong with a predecessor matters only where there is nothing else.
        if (path !== this.previous || best === undefined) damaged ??= error;
      }
    }
    if (best !== undefined)
      return {
        checkpoint: best,
        file,
        isPresent: file === this.present,
        isPrevious: file === this.previous,
        ...(damaged === undefined ? {} : { damaged }),
      };
    if (damaged !== undefined) throw damaged;
    return undefined;
  }
}
