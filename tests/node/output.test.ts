import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, runCommand } from "../support/commandLine.js";
import { contents, endless, leftovers, tiny } from "../support/runFiles.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-output-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command line through a shell, which can close and redirect what it writes to; the exit code is that of the command. */
function shell(args: readonly string[], redirection: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn("bash", ["-c", `"$0" "$@" ${redirection}`, process.execPath, main, ...args], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr })));
}

const full = "heavyball: standard output cannot be written: ENOSPC: no space left on device, write\n";

describe.runIf(existsSync("/dev/full"))("output that cannot be written", () => {
  it.each([
    [["--version"]],
    [["--help"]],
    [["train", "--help"]],
    [["start", "--help"]],
    [["reproduce", "--help"]],
    [["bench", "--help"]],
    [["train", ...tiny]],
    [["train", ...tiny, "--json"]],
  ])("is one sentence and exit code 1 where the disk is full: %j", async (args) => {
    expect(await shell(args, "> /dev/full")).toEqual({ code: 1, stdout: "", stderr: full });
  });

  it("keeps the exit code of a mistake and of a failure, and is no second failure, where standard error is full or closed", async () => {
    for (const redirection of ["2> /dev/full", "2>&-", "> /dev/full 2> /dev/full", ">&- 2>&-"]) {
      expect(await shell(["trian"], redirection)).toMatchObject({ code: 2, stderr: "" });
      expect(await shell(["train", ...tiny, "--learning-rate", "1e30"], redirection)).toMatchObject({ code: 1, stderr: "" });
    }
    expect(await shell(["--version"], "2>&-")).toMatchObject({ code: 0 });
  });

  it("does not matter to anybody who closed it", async () => {
    expect(await shell(["--version"], ">&-")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await shell(["train", ...tiny, "--json", "--out", "closed"], ">&-")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(leftovers(join(directory, "closed"))).toEqual([]);
    contents(join(directory, "closed"));
  });

  it("leaves a finished run its record", async () => {
    expect((await runCommand(directory, ["train", ...tiny, "--out", "finished"])).code).toBe(0);
    const before = contents(join(directory, "finished"));
    for (const args of [[], ["--json"]]) {
      expect((await shell(["train", "--resume", "--out", "finished", ...args], "> /dev/full")).code).toBe(1);
      expect(contents(join(directory, "finished"))).toEqual(before);
    }
  });

  it("stops a run as Ctrl-C does, with files from which it goes on", async () => {
    const { code, stderr } = await shell(["train", ...endless, "--json", "--out", "full"], "> /dev/full");
    expect([code, stderr]).toEqual([1, full]);
    const files = readdirSync(join(directory, "full"));
    expect(files).toEqual(expect.arrayContaining(["checkpoint.bin", "model.safetensors", "spec.json"]));
    expect(files).not.toContain("record.json");
    expect(leftovers(join(directory, "full"))).toEqual([]);
  });
});

describe("a reader who stops reading", () => {
  /** Gives the command a pipe whose reading end is closed after the first output. */
  function readOnce(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [main, ...args], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdout.once("data", () => child.stdout.destroy());
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
  }

  it.each([[["--json"]], [[]]])(
    "stops a run with files as Ctrl-C does, and it goes on to the bits of one that was read to its end: %j",
    async (more) => {
      const out = `unread${more.length}`;
      expect(await readOnce(["train", ...endless, ...more, "--out", out])).toEqual({ code: 141, stderr: "" });
      const files = readdirSync(join(directory, out));
      expect(files).toEqual(expect.arrayContaining(["checkpoint.bin", "model.safetensors", "report.html", "spec.json"]));
      expect(files).not.toContain("record.json");
      expect(leftovers(join(directory, out))).toEqual([]);
      expect(await readOnce(["train", "--resume", ...more, "--out", out])).toEqual({ code: 141, stderr: "" });
      expect(leftovers(join(directory, out))).toEqual([]);
    },
  );

  it("stops a study, which then writes nothing", async () => {
    expect(await readOnce(["reproduce", "figure5", "--fraction", "0.01", "--threads", "1", "--json", "--out", "study"])).toEqual({
      code: 141,
      stderr: "",
    });
    expect(readdirSync(join(directory, "study"))).toEqual([]);
  });

  it("stops a run without files quietly: the reader has had what there was", async () => {
    expect(await readOnce(["train", ...endless, "--json"])).toEqual({ code: 0, stderr: "" });
  });

  it("is none who never read at all", async () => {
    const file = openSync(join(directory, "text"), "w");
    const child = spawn(process.execPath, [main, "--version"], { stdio: ["ignore", file, "inherit"] });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    closeSync(file);
    expect((await runCommand(directory, ["--version"])).code).toBe(0);
  });
});
