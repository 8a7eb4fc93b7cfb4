import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, main, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-resume-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, args);
const addition = ["train", "addition", "--length", "20", "--hidden", "20", "--batch-size", "20", "--test-cases", "100", "--updates", "2000", "--kernels", "simd", "--checkpoint-seconds", "0.05"];
const curves = ["train", "curves", "--batch-size", "10", "--cases", "40", "--updates", "14", "--kernels", "simd", "--checkpoint-seconds", "0.05"];
/** Its updates take long, so that a kill falls inside one. */
const hessianFree = ["train", "curves", "--optimizer", "hessianFree", "--cases", "60", "--curvature-cases", "60", "--cg-maximum", "40", "--cg-minimum", "40", "--updates", "4", "--kernels", "simd", "--checkpoint-seconds", "0.05"];
const file = (...parts: string[]) => join(directory, ...parts);

/** Reports without the seconds, the one thing in them that is not the spec's. */
const reports = (run: string) => jsonLines(readFileSync(file(run, "reports.jsonl"), "utf8")).map(({ seconds: _, ...rest }) => rest);

/** Starts a run and kills it, with no chance to clean up, once `updates` updates were reported. */
async function killed(args: readonly string[], updates: number): Promise<void> {
  const child = spawn(process.execPath, [main, ...args, "--json"], { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    const seen = [...text.matchAll(/"update":(\d+)/g)].at(-1);
    if (seen !== undefined && Number(seen[1]) >= updates) child.kill("SIGKILL");
  });
  const signal = await new Promise((resolve) => child.on("close", (_code, by) => resolve(by)));
  expect(signal).toBe("SIGKILL");
}

describe("a run that goes on", () => {
  it.each<[string, string[], number]>([["addition", addition, 700], ["curves", curves, 6], ["Hessian-free", hessianFree, 2]])("ends in the bits of one that never stopped: %s, killed at a random moment", async (name, args, moment) => {
    expect((await heavyball(...args, "--threads", "1", "--out", `${name}-whole`)).code).toBe(0);
    await killed([...args, "--threads", "1", "--out", `${name}-killed`], 1 + Math.floor(Math.random() * moment));
    expect(existsSync(file(`${name}-killed`, "model.safetensors"))).toBe(false);
    // A report that was being written, and one that no checkpoint knows of.
    writeFileSync(file(`${name}-killed`, "reports.jsonl"), '{"update":999999}\n{"upda', { flag: "a" });

    // On another team, and stopped once more on the way.
    let sent = false;
    const stopped = await runCommand(directory, ["train", "--resume", "--out", `${name}-killed`, "--threads", "2", "--json"], (text, kill) => {
      if (!sent && text.includes('"kind":"report"')) {
        sent = true;
        kill("SIGINT");
      }
    });
    expect([stopped.code, stopped.stderr]).toEqual([130, ""]);
    const { code, stdout } = await heavyball("train", "--resume", "--out", `${name}-killed`, "--threads", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Going on after update [\d,]+\./);
    for (const model of ["model.safetensors", "best.safetensors"]) expect(readFileSync(file(`${name}-killed`, model))).toEqual(readFileSync(file(`${name}-whole`, model)));
    expect(reports(`${name}-killed`)).toEqual(reports(`${name}-whole`));
    const record = (run: string) => ({ ...JSON.parse(readFileSync(file(run, "record.json"), "utf8")), seconds: 0 });
    expect(record(`${name}-killed`)).toEqual(record(`${name}-whole`));
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
    const remedy = "to go on with it, leave its settings out: heavyball train --resume --out again; for another run, give another directory with --out";
    expect([other.code, other.stderr]).toEqual([2, `heavyball: --seed is 2, and the run in again has 3; ${remedy}\n`]);
    const option = await heavyball("train", "--resume", "--out", "again", "--seed", "2");
    expect([option.code, option.stderr]).toEqual([2, "heavyball: --seed cannot be given with --resume alone: the run in again has its spec\n"]);
    const kernels = await heavyball("train", "--resume", "--out", "again", "--kernels", "relaxed");
    expect([kernels.code, kernels.stderr]).toEqual([2, 'heavyball: --kernels is "relaxed", and the run in again has "simd", which rounds differently; leave --kernels out, or begin another run with another --out\n']);
  });

  it("refuses, by the name it was given, a setting that is not the run's", async () => {
    const begun = ["--length", "20", "--hidden", "5", "--test-cases", "10", "--updates", "3", "--threads", "1"];
    expect((await heavyball("train", "addition", ...begun, "--out", "three")).code).toBe(0);
    const spec = readFileSync(file("three", "spec.json"), "utf8");
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await heavyball("train", ...args, "--resume", "--out", "three");
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/; to go on with it, leave its settings out: heavyball train --resume --out three; for another run, give another directory with --out\n$/);
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
    expect(await refused("addition", ...begun, "--optimizer", "hessianFree", "--gradient-cases", "9")).toBe('--optimizer is "hessianFree", and the run in three has "nesterov"');
    expect(await refused("addition", ...begun, "--no-flags")).toBe("--no-flags is given, and the run in three was begun without it");
    writeFileSync(file("other.json"), JSON.stringify({ ...JSON.parse(spec), initialization: { method: "echoState", fanIn: 4 } }));
    expect(await refused("other.json")).toBe("initialization.fanIn is 4, and the run in three has 15");
    expect(readFileSync(file("three", "spec.json"), "utf8")).toBe(spec);
  });

  it("refuses --figure3 where it does not apply, as with the task word", async () => {
    expect((await heavyball("train", "memory5", "--length", "20", "--hidden", "5", "--test-cases", "10", "--updates", "1", "--threads", "1", "--out", "memory")).code).toBe(0);
    const { code, stdout, stderr } = await heavyball("train", "--resume", "--out", "memory", "--figure3");
    expect([code, stdout, stderr]).toEqual([2, "", "heavyball: --figure3 does not apply to memory5, whose output biases are 0 anyway\n"]);
  });
});

describe("damaged checkpoints", () => {
  const damage = (run: string, name: string, offset: number) => {
    const bytes = readFileSync(file(run, name));
    bytes[offset] ^= 1;
    writeFileSync(file(run, name), bytes);
  };

  it("give way to their predecessors, and are refused when there is none", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "damaged")).code).toBe(0);
    const model = readFileSync(file("damaged", "model.safetensors"));
    cpSync(file("damaged"), file("twice"), { recursive: true });

    damage("damaged", "checkpoint.bin", 2000);
    const { code, stderr } = await heavyball("train", "--resume", "--out", "damaged");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^heavyball: damaged.checkpoint\.bin: at byte \d+, expected the SHA-256 of the bytes before it.*; going on from the checkpoint before it\n$/);
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

  it("of another spec are refused", async () => {
    expect((await heavyball(...addition, "--threads", "1", "--out", "edited")).code).toBe(0);
    const spec = JSON.parse(readFileSync(file("edited", "spec.json"), "utf8"));
    writeFileSync(file("edited", "spec.json"), JSON.stringify({ ...spec, updates: 3000 }));
    const { code, stderr } = await heavyball("train", "--resume", "--out", "edited");
    expect([code, stderr]).toEqual([1, "heavyball: spec.updates of the saved state is 2000, here it is 3000; restore it where it was saved from\n"]);
  });
});
