import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "heavyball/node";
import { afterAll, describe, expect, it } from "vitest";
import { Workplace } from "#internal/queue/workplace";

const directory = mkdtempSync(join(tmpdir(), "heavyball-workplace-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a worker leaves whose process is killed at work. */
async function killed(name: string): Promise<string> {
  const path = join(directory, name);
  mkdirSync(join(path, "run"), { recursive: true });
  writeFileSync(join(path, "run", "checkpoint.bin"), "bytes");
  const open = await fileStore(path).open();
  const lock = join(path, "lock.json");
  const holder = JSON.parse(readFileSync(lock, "utf8")) as object;
  await open.close();
  // The process of this number began at another time: it is another one.
  writeFileSync(lock, JSON.stringify({ ...holder, began: "long ago" }));
  return path;
}

describe("the directory of a worker", () => {
  it("is removed by the next one when its process is gone, and only then", async () => {
    const left = await killed("heavyball-worker-left");
    const first = await Workplace.open(directory);
    expect(existsSync(left)).toBe(false);
    // One that its worker has made a moment ago has no lock yet.
    const made = join(directory, "heavyball-worker-made");
    mkdirSync(made);
    const others = join(directory, "another");
    mkdirSync(others);
    const second = await Workplace.open(directory);
    expect([existsSync(made), existsSync(others), existsSync(first.place(""))]).toEqual([true, true, true]);
    await first.close();
    await second.close();
    expect(readdirSync(directory).sort()).toEqual(["another", "heavyball-worker-made"]);
  });
});
