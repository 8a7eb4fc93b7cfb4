/** A record on the command line: its trial again, with what was changed while it ran. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, runTrial, type TrialRecord } from "heavyball";
import { fileStore } from "heavyball/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { momentumSpec as spec, withoutSeconds } from "../support/storedTrials.js";

let directory: string;
let record: TrialRecord;
const heavyball = (...args: string[]) => runCommand(directory, args);
const read = (...path: string[]) => readFileSync(join(directory, ...path));
const write = (name: string, value: unknown) => writeFileSync(join(directory, name), JSON.stringify(value));

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-events-"));
  const runtime = await createRuntime({ threads: 1, kernels: "simd" });
  const events = [{ update: 3, learningRate: 0.05, momentum: 0.3 }];
  record = await runTrial(spec, { runtime, events, store: fileStore(join(directory, "begun")) });
  await runtime.dispose();
  write("record.json", record);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  ["the record that runTrial gives", "record.json"],
  ["the record of a directory", join("begun", "record.json")],
])("repeats %s", async (_, file) => {
  const out = `again-${file.length}`;
  const ended = await heavyball("train", file, "--kernels", "simd", "--threads", "1", "--out", out);
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
  expect(ended.stdout).toContain("    from update 3 on: learning rate 0.05, momentum 0.3\n");
  expect(read(out, "model.safetensors")).toEqual(read("begun", "model.safetensors"));
  expect(withoutSeconds(jsonLines(String(read(out, "reports.jsonl"))))).toEqual(withoutSeconds(record.reports));
  expect(JSON.parse(String(read(out, "record.json"))).events).toEqual(record.events);
  expect(String(read(out, "report.html"))).toContain("<h2>Changes</h2>");
  const others = await heavyball("train", "--resume", "--out", out, "--json");
  expect(jsonLines(others.stdout)[0]).toMatchObject({ kind: "trial", events: record.events });
});

it("refuses events that are none by the file's name, and to go on with others", async () => {
  write("wrong.json", { ...record, events: [{ update: 3, momentum: 3 }] });
  const wrong = await heavyball("train", "wrong.json");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/^heavyball: wrong\.json: events\[0\]\.momentum is 3; /);
  write("other.json", { ...record, events: [{ update: 2, momentum: 0.5 }] });
  const other = await heavyball("train", "other.json", "--kernels", "simd", "--resume", "--out", "begun");
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("leave events out to go on with the run's own");
  const shorter = await heavyball("train", "record.json", "--updates", "3");
  expect(shorter.stderr).toMatch(/events\[0\]\.update is 3; .* a whole number from 0 to 2/);
});
