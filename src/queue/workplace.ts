import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "../node/fileStore.js";
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
    const { directory, lock } = await make(parent);
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

/**
 * Until its lock is there a directory looks like one that was left, and a worker that starts at this moment may take it for one. Nothing is
 * in it yet, so another is made.
 */
async function make(parent: string): Promise<{ directory: string; lock: OpenStore }> {
  for (let attempt = 1; ; attempt++) {
    const directory = join(parent, `${start}${randomUUID()}`);
    try {
      return { directory, lock: await fileStore(directory).open() };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 5;

async function removeLeft(directory: string): Promise<void> {
  try {
    // It opens where its worker is gone, whether or not that came to lock it, and only there.
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
