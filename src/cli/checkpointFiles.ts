import { existsSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../errors.js";
import { writeWholeFile } from "../node/wholeFile.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../trials/checkpoint.js";

/**
 * The last two checkpoints of a run. A new one is written under a temporary name and flushed before the present one becomes the predecessor, so
 * that at every moment at least one is whole.
 */
export class CheckpointFiles {
  private readonly present: string;
  private readonly previous: string;

  constructor(private readonly directory: string) {
    this.present = join(directory, "checkpoint.bin");
    this.previous = join(directory, "checkpoint.previous.bin");
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    const next = join(this.directory, "checkpoint.next.bin");
    await writeWholeFile(next, await encodeCheckpoint(checkpoint), `${next}.tmp`);
    if (existsSync(this.present)) await rename(this.present, this.previous);
    await rename(next, this.present);
    await flushDirectory(this.directory);
  }

  /**
   * The newest checkpoint that is whole, undefined when there is none at all; `damaged` is what was wrong with a newer one. When none is whole, throws
   * the FormatError of the newest.
   */
  async load(): Promise<{ checkpoint: Checkpoint; damaged?: FormatError } | undefined> {
    let damaged: FormatError | undefined;
    for (const path of [this.present, this.previous]) {
      if (!existsSync(path)) continue;
      try {
        const checkpoint = await decodeCheckpoint(new Uint8Array(await readFile(path)), path);
        return { checkpoint, ...(damaged === undefined ? {} : { damaged }) };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        damaged ??= error;
      }
    }
    if (damaged !== undefined) throw damaged;
    return undefined;
  }
}

/** Makes the renames last. Some systems cannot open a directory; they order the renames themselves. */
async function flushDirectory(path: string): Promise<void> {
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
