import { FormatError } from "../errors.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { OpenStore, Store } from "./store.js";

const present = "checkpoint.bin";
const next = "checkpoint.next.bin";
const previous = "checkpoint.previous.bin";

/** In the order in which they are looked at. */
export const checkpointNames = [present, next, previous] as const;

/** A checkpoint that was found; `damaged` is what was wrong with another content that may have held a newer one. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Which of the names it has. */
  readonly name: (typeof checkpointNames)[number];
  readonly damaged?: FormatError;
}

/**
 * The last two checkpoints of a run, and for a moment a third: a new one is written whole as checkpoint.next.bin before the present one
 * becomes the predecessor and the new one the present. Only a present one that is known to be whole becomes the predecessor, so that at
 * every moment at least one is whole and is found.
 */
export class Checkpoints {
  constructor(
    private readonly store: OpenStore,
    /** Whether the present one was written or read here, and is whole. */
    private isWhole: boolean,
  ) {}

  async save(checkpoint: Checkpoint): Promise<void> {
    const { store } = this;
    await store.write(next, await encodeCheckpoint(checkpoint));
    if (this.isWhole) {
      this.isWhole = false;
      await store.rename(present, previous);
    }
    await store.rename(next, present);
    this.isWhole = true;
  }
}

/** What was found in a store, and whether the present checkpoint is whole. */
export interface FoundCheckpoints {
  readonly found?: FoundCheckpoint;
  readonly isWhole: boolean;
}

/**
 * Of the checkpoints that are whole the one after the most updates; none when there is no content at all. When none is whole, throws the
 * FormatError of the newest; throws CheckpointMismatchError for one of another numerics version.
 */
export async function findCheckpoint(store: Store): Promise<FoundCheckpoints> {
  let best: Checkpoint | undefined;
  let name: FoundCheckpoint["name"] = present;
  let damaged: FormatError | undefined;
  let isWhole = false;
  for (const candidate of checkpointNames) {
    const bytes = await store.read(candidate);
    if (bytes === undefined) continue;
    try {
      const checkpoint = await decodeCheckpoint(bytes, `${store.place}/${candidate}`);
      if (candidate === present) isWhole = true;
      if (best !== undefined && checkpoint.state.update <= best.state.update) continue;
      best = checkpoint;
      name = candidate;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // What is wrong with a predecessor matters only where there is nothing else.
      if (candidate !== previous || best === undefined) damaged ??= error;
    }
  }
  if (best !== undefined) return { found: { checkpoint: best, name, damaged }, isWhole };
  if (damaged !== undefined) throw damaged;
  return { isWhole };
}
