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
    // Of workers that were killed before they had locked it, or while they were removing it.
    const unlocked = join(directory, "heavyball-worker-unlocked");
    mkdirSync(unlocked);
    const half = join(directory, "heavyball-worker-half");
    mkdirSync(join(half, "run"), { recursive: true });
    writeFileSync(join(half, "run", "checkpoint.bin"), "bytes");
    const others = join(directory, "another");
    mkdirSync(others);
    const second = await Workplace.open(directory);
    expect([unlocked, half, others, first.place("")].map((path) => existsSync(path))).toEqual([false, false, true, true]);
    await first.close();
    await second.close();
    expect(readdirSync(directory)).toEqual(["another"]);
  });

  it("is each worker's own when many begin and end at once", async () => {
    for (let round = 0; round < 5; round++) {
      const places = await Promise.all(Array.from({ length: 12 }, () => Workplace.open(directory)));
      expect(new Set(places.map((place) => place.place(""))).size).toBe(12);
      expect(places.every((place) => existsSync(join(place.place(""), "lock.json")))).toBe(true);
      await Promise.all(places.map((place) => place.close()));
    }
    expect(readdirSync(directory)).toEqual(["another"]);
  });
});
