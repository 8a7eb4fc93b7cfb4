import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "#internal/trials/checkpoint";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { joined } from "../support/patterns.js";
import { contents, leftovers, runFaulty } from "../support/runFiles.js";

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-resume-"));
  expect((await heavyball(...addition, "--threads", "1", "--out", "addition-whole")).code).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, args);
const addition = [
  "train",
  "addition",
  "--length",
  "20",
  "--hidden",
  "20",
  "--batch-size",
  "20",
  "--test-cases",
  "100",
  "--updates",
  "2000",
  "--kernels",
  "simd",
  "--checkpoint-seconds",
  "0.05",
];
const curves = [
  "train",
  "curves",
  "--batch-size",
  "10",
  "--cases",
  "40",
  "--test-cases",
  "20",
  "--updates",
  "8",
  "--kernels",
  "simd",
  "--checkpoint-seconds",
  "0.05",
];
const hessianFree = [
  "train",
  "curves",
  "--optimizer",
  "hessianFree",
  "--cases",
  "30",
  "--test-cases",
  "10",
  "--curvature-cases",
  "30",
  "--cg-maximum",
  "8",
  "--cg-minimum",
  "8",
  "--updates",
  "4",
  "--kernels",
  "simd",
  "--checkpoint-seconds",
  "0.05",
];
const flip = (path: string, at: number) => {
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
};
const file = (...parts: string[]) => join(directory, ...parts);

/** As text, which is compared in no time; arrays are compared number by number. */
const bytes = (...parts: string[]) => readFileSync(file(...parts), "latin1");

/** Reports without the seconds, the one thing in them that is not the spec's. */
const reports = (run: string) => jsonLines(readFileSync(file(run, "reports.jsonl"), "utf8")).map(({ seconds: _, ...rest }) => rest);

/** Kills a run, with no chance to clean up, before the operation on its files that is named, as in tests/support/faults.mjs. */
async function killed(args: readonly string[], moment: string): Promise<void> {
  expect((await runFaulty(directory, args, { fault: `kill:${moment}` })).signal).toBe("SIGKILL");
}

describe("a run that goes on", () => {
  it.each<[string, string[], string]>([
    ["addition, before its third checkpoint", addition, "rename checkpoint.next.bin checkpoint.bin:2"],
    ["curves, before the report of update 5", curves, "append reports.jsonl:5"],
    ["curves, in the midst of its second checkpoint", curves, "rename checkpoint.next.bin checkpoint.bin:1"],
    ["Hessian-free, before the report of update 3", hessianFree, "append reports.jsonl:3"],
  ])("ends in the bits of one that never stopped: %s", async (title, args, moment) => {
    const name = title.replace(/\W+/g, "-");
    const whole = args === addition ? "addition-whole" : `${name}-whole`;
    if (args !== addition) expect((await heavyball(...args, "--threads", "1", "--out", whole)).code).toBe(0);
    await killed([...args, "--threads", "1", "--out", `${name}-killed`], moment);
    expect(existsSync(file(`${name}-killed`, "model.safetensors"))).toBe(false);
    // A report that was being written, and one that no checkpoint knows of.
    writeFileSync(file(`${name}-killed`, "reports.jsonl"), '{"update":999999}\n{"upda', { flag: "a" });

    // On another team, and stopped once more on the way.
    let sent = false;
    const stopped = await runCommand(
      directory,
      ["train", "--resume", "--out", `${name}-killed`, "--threads", "2", "--json"],
      (text, kill) => {
        if (!sent && text.includes('"kind":"report"')) {
          sent = true;
          kill("SIGINT");
        }
      },
    );
    expect([stopped.code, stopped.stderr]).toEqual([130, ""]);
    const { code, stdout } = await heavyball("train", "--resume", "--out", `${name}-killed`, "--threads", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Going on after update [\d,]+\./);
    expect(leftovers(file(`${name}-killed`))).toEqual([]);
    for (const model of ["model.safetensors", "best.safetensors"]) expect(bytes(`${name}-killed`, model)).toBe(bytes(whole, model));
    expect(reports(`${name}-killed`)).toEqual(reports(whole));
    const record = (run: string) => ({ ...JSON.parse(readFileSync(file(run, "record.json"), "utf8")), seconds: 0 });
    expect(record(`${name}-killed`)).toEqual(record(whole));
  });

  it("says on Ctrl-C how to go on", async () => {
    let sent = false;
    const endless = addition.map((arg) => (arg === "2000" ? "1000000" : arg));
    const { code, stdout } = await runCommand(directory, [...endless, "--out", "stopped"], (text, kill) => {
      if (!sent && text.includes("% error")) {
        sent = true;
        kill("SIGINT");
      }
    });
    expect(code).toBe(130);
    expect(stdout).toContain("To go on: heavyball train --resume --out stopped");
    expect(existsSync(file("stopped", "checkpoint.bin"))).toBe(true);
    expect(existsSync(file("stopped", "record.json"))).toBe(false);
  });

  it("begins with the same command line as it goes on, and refuses another trial", async () => {
    const again = [...addition, "--threads", "1", "--out", "again", "--resume"];
    expect((await heavyball(...again)).code).toBe(0);
    const model = readFileSync(file("again", "model.safetensors"));
    expect((await heavyball(...again)).code).toBe(0);
    expect(readFileSync(file("again", "model.safetensors"))).toEqual(model);
    const other = await heavyball(...again, "--seed", "2");
    const remedy =
      "to go on with it, leave its settings out: heavyball train --resume --out again; for another run, give another directory with --out";
    expect([other.code, other.stderr]).toEqual([2, `heavyball: --seed is 2, and the run in again has 3; ${remedy}\n`]);
    const option = await heavyball("train", "--resume", "--out", "again", "--seed", "2");
    expect([option.code, option.stderr]).toEqual([
      2,
      "heavyball: --seed cannot be given with --resume alone: the run in again has its spec\n",
    ]);
    const kernels = await heavyball("train", "--resume", "--out", "again", "--kernels", "relaxed");
    expect([kernels.code, kernels.stderr]).toEqual([
      2,
      'heavyball: --kernels is "relaxed", and the run in again has "simd", which rounds differently; leave --kernels out, or begin ' +
        "another run with another --out\n",
    ]);
  });

  it("refuses, by the name it was given, a setting that is not the run's", async () => {
    const begun = ["--length", "20", "--hidden", "5", "--test-cases", "10", "--updates", "3", "--threads", "1"];
    expect((await heavyball("train", "addition", ...begun, "--out", "three")).code).toBe(0);
    const spec = readFileSync(file("three", "spec.json"), "utf8");
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await heavyball("train", ...args, "--resume", "--out", "three");
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(
        joined(
          /; to go on with it, leave its settings out: heavyball train --resume --out three; /,
          /for another run, give another directory with --out\n$/,
        ),
      );
      return stderr.slice("heavyball: ".length, stderr.indexOf("; to go on"));
    };
    const updates = begun.map((arg) => (arg === "3" ? "4" : arg));
    expect(await refused("addition", ...updates)).toBe("--updates is 4, and the run in three has 3");
    // Of several settings that differ, the one that was given is named; --length is left out as well.
    expect(await refused("addition", "--updates", "4")).toBe("--updates is 4, and the run in three has 3");
    expect(await refused("addition")).toBe("--length is left out, which makes it 80, and the run in three has 20");
    expect(await refused("multiplication", ...begun)).toBe('the task is "multiplication", and the run in three has "addition"');
    expect(await refused("addition", ...begun, "--momentum-max", "0.9")).toBe("--momentum-max is 0.9, and the run in three has 0.995");
    expect(await refused("addition", ...begun, "--final-updates", "2")).toBe("--final-updates is 2, and the run in three has none");
    expect(await refused("addition", ...begun, "--optimizer", "hessianFree", "--gradient-cases", "9")).toBe(
      '--optimizer is "hessianFree", and the run in three has "nesterov"',
    );
    expect(await refused("addition", ...begun, "--no-flags")).toBe("--no-flags is given, and the run in three was begun without it");
    writeFileSync(file("other.json"), JSON.stringify({ ...JSON.parse(spec), initialization: { method: "echoState", fanIn: 4 } }));
    expect(await refused("other.json")).toBe("initialization.fanIn is 4, and the run in three has 15");
    expect(readFileSync(file("three", "spec.json"), "utf8")).toBe(spec);
  });

  it("refuses --data where it does not apply, as with the task word", async () => {
    expect(
      (
        await heavyball(
          "train",
          "memory5",
          "--length",
          "20",
          "--hidden",
          "5",
          "--test-cases",
          "10",
          "--updates",
          "1",
          "--threads",
          "1",
          "--out",
          "memory",
        )
      ).code,
    ).toBe(0);
    const { code, stdout, stderr } = await heavyball("train", "--resume", "--out", "memory", "--data", "here");
    expect([code, stdout, stderr]).toEqual([2, "", "heavyball: --data does not apply to memory5, which draws its sequences itself\n"]);
  });
});

describe("a run that has ended", () => {
  it.each([
    ["addition", addition],
    ["Hessian-free", hessianFree],
  ])("changes in nothing but the page's time when it is resumed: %s", async (name, args) => {
    const out = `${name}-ended`;
    expect((await heavyball(...args, "--threads", "1", "--out", out)).code).toBe(0);
    const names = [
      "best.safetensors",
      "checkpoint.bin",
      "checkpoint.previous.bin",
      "model.safetensors",
      "record.json",
      "reports.jsonl",
      "spec.json",
    ];
    const all = () => names.map((one) => bytes(out, one));
    const before = all();
    expect(JSON.parse(readFileSync(file(out, "record.json"), "utf8")).casesProcessed).toBeGreaterThan(0);
    const { code, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", out);
    expect([code, stderr]).toEqual([0, ""]);
    expect(all()).toEqual(before);
  });

  it("leaves no model of an earlier stop beside the record of its divergence, and says the last finite loss that there was", async () => {
    // The loss overflows at some update after the first.
    const diverging = addition.map((arg) => (arg === "0.05" ? "0.000001" : arg)).concat("--learning-rate", "1e12", "--threads", "1");
    const straight = await heavyball(...diverging, "--out", "diverged");
    expect([straight.code, straight.stderr]).toEqual([
      1,
      expect.stringMatching(/diverged at update [1-9]\d*: .*\(the last finite loss was [\d.e+]+\)/),
    ]);
    const record = JSON.parse(readFileSync(file("diverged", "record.json"), "utf8"));
    const whole = { ...record, seconds: 0 };

    // Stopped just before it happens: what was written for the stop is there, and the checkpoint is of the last update that was finite.
    const begun = diverging.slice();
    begun[begun.indexOf("--updates") + 1] = String(record.update);
    expect((await heavyball(...begun, "--out", "before")).code).toBe(0);
    const checkpoint = await decodeCheckpoint(new Uint8Array(readFileSync(file("before", "checkpoint.bin"))), "before");
    expect(checkpoint.state.update).toBe(record.update);
    const updates = record.spec.updates;
    const spec = { ...checkpoint.spec, updates };
    const reports = checkpoint.reports.map((report) => ({ ...report, updates }));
    writeFileSync(file("before", "checkpoint.bin"), await encodeCheckpoint({ ...checkpoint, spec, reports }));
    writeFileSync(file("before", "spec.json"), JSON.stringify(spec));
    for (const name of ["model.safetensors", "record.json"]) expect(existsSync(file("before", name))).toBe(true);

    const { code, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", "before");
    expect([code, stderr]).toEqual([1, straight.stderr]);
    expect(existsSync(file("before", "model.safetensors"))).toBe(false);
    expect({ ...JSON.parse(readFileSync(file("before", "record.json"), "utf8")), seconds: 0 }).toEqual(whole);
  });
});

describe("best.safetensors", () => {
  it.each<[string, (path: string) => void, string]>([
    ["deleted", (path) => rmSync(path), "missing"],
    ["cut short", (path) => truncateSync(path, statSync(path).size - 5), "damaged"],
    ["changed in a bit of its numbers", (path) => flip(path, statSync(path).size - 2), "damaged"],
    ["changed in a bit of its header", (path) => flip(path, 30), "damaged"],
    ["empty", (path) => truncateSync(path, 0), "damaged"],
  ])("is written again when it was %s, and that is said", async (what, harm, word) => {
    const out = `best-${what.replace(/\W/g, "-")}`;
    await killed([...addition, "--threads", "1", "--out", out], "rename checkpoint.next.bin checkpoint.bin:2");
    const path = file(out, "best.safetensors");
    harm(path);
    const { code, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", out);
    expect([code, stderr]).toEqual([
      0,
      `heavyball: ${join(out, "best.safetensors")} is ${word}; it is written again from the checkpoint\n`,
    ]);
    expect(bytes(out, "best.safetensors")).toBe(bytes("addition-whole", "best.safetensors"));
  });

  it("that no checkpoint holds, as in runs begun by earlier versions, is missed in the record too", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "old")).code).toBe(0);
    const { best: _, ...checkpoint } = await decodeCheckpoint(new Uint8Array(readFileSync(file("old", "checkpoint.bin"))), "old");
    writeFileSync(file("old", "checkpoint.bin"), await encodeCheckpoint(checkpoint));
    const whole = await heavyball("train", "--resume", "--threads", "1", "--out", "old");
    expect([whole.code, whole.stderr]).toEqual([0, ""]);
    expect(JSON.parse(readFileSync(file("old", "record.json"), "utf8")).best.kept).toBeUndefined();
    rmSync(file("old", "best.safetensors"));
    const { code, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", "old");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^heavyball: old.best\.safetensors is missing, and the checkpoint does not hold it/),
    ]);
    expect(JSON.parse(readFileSync(file("old", "record.json"), "utf8")).best.kept).toBe(false);
  });
});

describe("damaged checkpoints", () => {
  const damage = (run: string, name: string, offset: number) => flip(file(run, name), offset);

  it("give way to their predecessors, and are refused when there is none", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "damaged")).code).toBe(0);
    const model = readFileSync(file("damaged", "model.safetensors"));
    cpSync(file("damaged"), file("twice"), { recursive: true });

    damage("damaged", "checkpoint.bin", 2000);
    const { code, stderr } = await heavyball("train", "--resume", "--out", "damaged");
    expect(code).toBe(0);
    expect(stderr).toMatch(
      joined(
        /^heavyball: damaged.checkpoint\.bin: at byte \d+, expected the SHA-256 of the bytes before it.*/,
        /; going on from the checkpoint before it\n$/,
      ),
    );
    expect(readFileSync(file("damaged", "model.safetensors"))).toEqual(model);

    damage("twice", "checkpoint.bin", 0);
    damage("twice", "checkpoint.previous.bin", 3000);
    const refused = await heavyball("train", "--resume", "--out", "twice");
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/^heavyball: twice.checkpoint\.bin: at byte 0, expected the letters "HVYBALL"/);
  });

  it("are no trouble when the newest was never renamed into place", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "unnamed")).code).toBe(0);
    const model = readFileSync(file("unnamed", "model.safetensors"));
    copyFileSync(file("unnamed", "checkpoint.bin"), file("unnamed", "checkpoint.next.bin.tmp"));
    rmSync(file("unnamed", "checkpoint.bin"));
    expect((await heavyball("train", "--resume", "--out", "unnamed")).code).toBe(0);
    expect(readFileSync(file("unnamed", "model.safetensors"))).toEqual(model);
  });

  it.each([
    "open temporary:2",
    "rename temporary checkpoint.next.bin:0",
    "rename checkpoint.next.bin checkpoint.bin:0",
    "append reports.jsonl:0",
    "rename checkpoint.bin checkpoint.previous.bin:0",
    "rename checkpoint.next.bin checkpoint.bin:1",
  ])("never take the place of the only whole one: killed after a fall back, before %s", async (moment) => {
    const out = `rotated-${moment.replace(/\W/g, "-")}`;
    await killed([...addition, "--threads", "1", "--out", out], "rename checkpoint.next.bin checkpoint.bin:3");
    renameSync(file(out, "checkpoint.next.bin"), file(out, "set-aside"));
    rmSync(file(out, "set-aside"));
    // What is left is the predecessor; a present one that is damaged comes before it.
    copyFileSync(file(out, "checkpoint.previous.bin"), file(out, "checkpoint.bin"));
    damage(out, "checkpoint.bin", 2000);
    await killed(["train", "--resume", "--threads", "1", "--out", out], moment);
    const { code, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", out);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      new RegExp(
        "^(heavyball: .*checkpoint\\.bin: at byte \\d+, expected the SHA-256 .*; " +
          "going on from (the checkpoint before it|checkpoint\\.next\\.bin)\\n)?$",
      ),
    );
    expect(contents(file(out))).toEqual(contents(file("addition-whole")));
  });

  it("give way to a newer one that was never renamed into place", async () => {
    await killed([...addition, "--threads", "1", "--out", "next"], "rename checkpoint.next.bin checkpoint.bin:2");
    expect(existsSync(file("next", "checkpoint.bin"))).toBe(false);
    const { state } = await decodeCheckpoint(new Uint8Array(readFileSync(file("next", "checkpoint.next.bin"))), "next");
    const { code, stdout, stderr } = await heavyball("train", "--resume", "--threads", "1", "--out", "next");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Going on after update ${state.update.toLocaleString("en-US")}.`);
  });

  it("of another spec are refused", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "edited")).code).toBe(0);
    const spec = JSON.parse(readFileSync(file("edited", "spec.json"), "utf8"));
    writeFileSync(file("edited", "spec.json"), JSON.stringify({ ...spec, updates: 3000 }));
    const { code, stderr } = await heavyball("train", "--resume", "--out", "edited");
    expect([code, stderr]).toEqual([
      1,
      "heavyball: spec.updates of the saved state is 2000, here it is 3000; restore it where it was saved from\n",
    ]);
  });
});
