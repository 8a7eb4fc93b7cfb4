import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { digestOf } from "#internal/node/sweepIndex";
import { contents, leftovers } from "./runFiles.js";

/** What the trials of a sweep's directory left, by key, without what is not their specs'. */
export function runsOf(directory: string): Record<string, unknown> {
  const trials = join(directory, "trials");
  return Object.fromEntries(readdirSync(trials).map((key) => [key, left(join(trials, key))]));
}

/** Long contents as digests, which are compared, and shown where they differ, in no time. One that diverged has no model. */
function left(run: string): unknown {
  const record = JSON.parse(readFileSync(join(run, "record.json"), "utf8"));
  expect(leftovers(run)).toEqual([]);
  if (record.end.code === "diverged") return [record.spec, record.end, record.update];
  const { files, record: whole, ...rest } = contents(run);
  const digests = Object.entries(rest).map(([name, content]) => [name, digestOf(JSON.stringify(content))]);
  return { files, record: whole, ...Object.fromEntries(digests) };
}
