import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore, lockName } from "../node/fileStore.js";
import type { OpenStore } from "../trials/store.js";

const start = "heavyball-worker-";

/** The directory of one worker, with the runs that are under way: all in it is on the queue's server too, or soon will be. */
export class Workplace {
  private constructor(
    private readonly directory: string,
    private readonly lock: OpenStore,
  ) {}

  /** Makes one below a directory, which may be that of other workers too, and removes what those left that are gone. */
  static async open(parent: string = tmpdir()): Promise<Workplace> {
    const directory = join(parent, `${start}${randomUUID()}`);
    const lock = await fileStore(directory).open();
    for (const name of await readdir(parent)) if (name.startsWith(start)) await removeLeft(join(parent, name));
    return new Workplace(directory, lock);
  }

  /** The directory of a run. */
  place(name: string): string {
    return join(this.directory, name);
  }

  async clear(name: string): Promise<void> {
    await rm(this.place(name), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    // What cannot be removed now is removed by the next.
    await this.lock.close().catch(() => {});
    await rm(this.directory, { recursive: true, force: true }).catch(() => {});
  }
}

async function removeLeft(directory: string): Promise<void> {
  try {
    // Without a lock its worker has only just made it, or is removing it itself. Empty, it is in nobody's way.
    if (!(await readdir(directory)).includes(lockName)) return;
    // It opens where its worker is gone, and only there.
    const lock = await fileStore(directory).open();
    try {
      await rm(directory, { recursive: true, force: true });
    } finally {
      await lock.close();
    }
  } catch {
    // Of a worker that is at work, of another user, or of another machine.
  }
}
