import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { facesKind } from "#internal/tasks/faces/facesKind";
import { mnistKind } from "#internal/tasks/mnist/mnistKind";
import { runCommand } from "../support/commandLine.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-results-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const results = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, "scripts", "results.mjs"), ...args], { encoding: "utf8", cwd: directory });
/** A copy of docs/results of one's own. */
function copy(name: string): string {
  cpSync(join(root, "docs", "results"), join(directory, name), { recursive: true });
  return join(directory, name);
}
const recordsOf = (place: string) =>
  readdirSync(join(place, "records")).flatMap((name) =>
    readFileSync(join(place, "records", name), "utf8")
      .trim()
      .split("\n"),
  );

describe("docs/results", () => {
  it("is what its records say", () => {
    const { status, stderr } = results("--check");
    expect([stderr, status]).toEqual(["", 0]);
  });

  it("has records without parameters, paths and machine names, in small files", () => {
    for (const line of recordsOf(join(root, "docs", "results"))) {
      expect(line.length).toBeLessThan(4000);
      expect(line).not.toMatch(/"\/|\\\\|host/);
    }
  });

  it("has records of the published files alone", () => {
    for (const { name, files } of [mnistKind, facesKind]) {
      const lines = readFileSync(join(root, "docs", "results", "records", `${name}.jsonl`), "utf8")
        .trim()
        .split("\n");
      expect(new Set(lines.map((line) => JSON.parse(line).data))).toEqual(new Set([files?.publishedDigest]));
    }
  });

  it("is told from pages that were edited, are missing, or belong to nothing", () => {
    const place = copy("edited");
    appendFileSync(join(place, "table3", "table3.csv"), "1\n");
    rmSync(join(place, "figure1", "figure1.md"));
    writeFileSync(join(place, "table3", "old.csv"), "");
    const { status, stderr } = results("--check", "--at", place);
    expect(status).toBe(1);
    for (const name of ["table3/table3.csv", "figure1/figure1.md", "table3/old.csv"]) expect(stderr).toContain(join(place, name));
    expect(stderr.trim().split("\n")).toHaveLength(3);
    expect(results("--at", place).status).toBe(0);
    expect(results("--check", "--at", place).status).toBe(0);
    expect(existsSync(join(place, "table3", "old.csv"))).toBe(false);
  });

  it("refuses a record whose spec was edited, and names its line", () => {
    const place = copy("record");
    const path = join(place, "records", "curves.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"batchSize":200', '"batchSize":100'));
    const { status, stderr } = results("--at", place);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/curves\.jsonl:1 is damaged or was changed by hand: its spec is that of the trial/);
  });

  it("becomes a store beside what was asked for in one already", () => {
    const store = join(directory, "own");
    const own = { study: "table3", kernels: "simd", options: { fraction: 0.004 } };
    mkdirSync(store);
    writeFileSync(join(store, "studies.json"), JSON.stringify([own]));
    for (let times = 0; times < 2; times++) expect(results("--to", store).status).toBe(0);
    const committed = JSON.parse(readFileSync(join(root, "docs", "results", "studies.json"), "utf8"));
    expect(JSON.parse(readFileSync(join(store, "studies.json"), "utf8"))).toEqual([own, ...committed]);
    writeFileSync(join(store, "studies.json"), "{");
    expect(results("--to", store)).toMatchObject({ stderr: expect.stringContaining("studies.json: at byte 0") });
    expect(readFileSync(join(store, "studies.json"), "utf8")).toBe("{");
  });

  it("renders with records missing, and takes them in again from the store that was made of them", async () => {
    const place = copy("fewer");
    expect(results("--to", join(directory, "store"), "--at", place).status).toBe(0);
    const all = recordsOf(place);
    const path = join(place, "records", "curves.jsonl");
    const lines = readFileSync(path, "utf8").trim().split("\n");
    writeFileSync(path, `${lines.slice(0, 3).join("\n")}\n`);
    rmSync(join(place, "computed", "figure2.json"));
    expect(results("--at", place).status).toBe(0);
    expect(readFileSync(join(place, "table3", "table3.md"), "utf8")).toContain("not run");
    expect(existsSync(join(place, "figure2"))).toBe(false);

    // What is no record of theirs is told, or left out.
    writeFileSync(join(directory, "store", "trials", JSON.parse(lines[5]).key, "record.json"), "{}");
    const first = results("--from", join(directory, "store"), "--at", place);
    expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(/left out: .*record\.json is damaged/)]);
    expect(results("--to", join(directory, "store")).status).toBe(0);
    expect(results("--from", join(directory, "store"), "--at", place).status).toBe(0);
    expect(recordsOf(place)).toEqual(all);
    expect(results("--check", "--at", place).status).toBe(0);
    expect(readFileSync(join(place, "README.md"), "utf8")).toBe(readFileSync(join(root, "docs", "results", "README.md"), "utf8"));

    const { code, stderr } = await runCommand(directory, ["report", "store", "--out", "pages"]);
    expect([code, stderr]).toEqual([0, ""]);
    const body = (text: string) => text.split("\n").slice(0, -2);
    const page = readFileSync(join(directory, "pages", "table3", "table3.md"), "utf8");
    expect(body(page)).toEqual(body(readFileSync(join(root, "docs", "results", "table3", "table3.md"), "utf8")));
  });
});
