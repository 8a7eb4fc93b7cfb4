import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { studyNamed, studyNames } from "#internal/studies/index";
import { jsonLines, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-reproduce-all-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const all = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, ["reproduce", "all", ...args], onOutput);
const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");

describe("reproduce all", () => {
  it("runs the studies that have the cells asked for, and leads to their pages", async () => {
    // Two pages that were there before, one of them with numbers that nobody can read.
    expect((await runCommand(directory, ["reproduce", "figure2", "--out", join("runs", "figure2")])).code).toBe(0);
    write("runs/table3-cases-200/report.html", "");
    write("runs/table3-cases-200/table3.json", "{");
    write("runs/trials-of-others/report.html", "");
    const options = ["--only", "addition nag 0.995", "--fraction", "0.00004", "--kernels", "simd", "--threads", "1", "--jobs", "1"];
    const { code, stdout, stderr } = await all([...options, "--out", "runs"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("table5: Table 5: momentum on recurrent networks\n");
    expect(stdout).not.toContain("table3");
    const index = read("runs", "index.html");
    expect(index).toContain('<a href="table5/report.html">Table 5: momentum on recurrent networks</a>');
    expect(index).toContain(`<a href="figure2/report.html">${studyNamed("figure2").title}</a>`);
    expect(index).toContain(`<a href="table3-cases-200/report.html">${studyNamed("table3").title} (table3-cases-200)</a>`);
    expect(index).toContain("4 pages on the tables and figures");
    expect(index).toContain('<a href="echoStateHessianFree/report.html">');
    expect(index).not.toContain("trials-of-others");
    expect(index).toMatch(/Not run, or stopped before: [^.]*figure1, [^.]*table1/);
    expect(index).not.toMatch(/Not run, or stopped before: [^.]*(figure2|table3|table5)/);
    expect(existsSync(join(directory, "runs", "table5", "report.html"))).toBe(true);
    // What is there is found by the study alone, in the same directory.
    const again = await runCommand(directory, ["reproduce", "table5", ...options, "--out", "runs", "--json"]);
    const rows = jsonLines(again.stdout).filter(({ kind }) => kind === "row");
    expect(rows.map(({ isFound }) => isFound)).toEqual(Array(4).fill(true));
    // Each trial is measured on 10,000 sequences, which takes a busy machine long.
  }, 600_000);

  it("stopped by Ctrl-C begins no other study, and writes its index all the same", async () => {
    let sent = false;
    const { code, stdout } = await all(["--out", "stopped", "--threads", "1", "--fraction", "0.001"], (text, kill) => {
      if (!sent && text.includes("figure3: ")) {
        sent = true;
        kill("SIGINT");
      }
    });
    expect([sent, code]).toEqual([true, 130]);
    expect(stdout).not.toMatch(/^(figure5|theorem|table1): /m);
    expect(read("stopped", "index.html")).toMatch(/Not run, or stopped before: .*figure3/);
  });

  it("writes its index also where a study ends in an error, and ends in it", async () => {
    mkdirSync(join(directory, "broken", "figure2", "figure2.md"), { recursive: true });
    const { code, stdout, stderr } = await all(["--out", "broken"]);
    expect(stderr).toContain(join("broken", "figure2", "figure2.md"));
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stdout).not.toContain("figure3: ");
    expect(read("broken", "index.html")).toContain('href="figure1/report.html"');
    expect(read("broken", "index.html")).toMatch(/Not run, or stopped before: [^.]*figure2/);
  });

  it("describes its options, in lines that fit a terminal", async () => {
    const { code, stdout } = await all(["--help"]);
    expect(code).toBe(0);
    for (const flag of ["fraction", "seeds", "pilot", "only", "jobs", "data", "out", "keep"]) expect(stdout).toContain(`--${flag} `);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(studyNames.map((name) => studyNamed(name).kind)).toContain("computation");
  });

  it.each<[string[], string]>([
    [["--fraction", "2"], "--fraction is 2; --fraction must be a finite number from 0.000001 to 1"],
    [["--pilot", "1"], "--pilot is 1; --pilot must be"],
    [["--only", "xyzzy"], '--only is "xyzzy", and no study has a cell of such a name'],
    [["--error", "2"], "--error is not an option of reproduce all, but of figure5; leave it out"],
    [["--jobs", "0", "--only", "addition"], "--jobs is 0; --jobs must be"],
    [["--only", "mnist"], "mnist needs data: --data PATH, where there is train-images-idx3-ubyte.gz"],
    [["--only", "mnist", "--data", "nowhere"], "heavyball data mnist --from DIR|URL --out nowhere fetches it"],
    [["--data", "nowhere"], "heavyball data mnist --from DIR|URL --out nowhere fetches it"],
    [["--only", "faces", "--data", "hollow"], "heavyball data faces --from DIR|URL --out hollow fetches it"],
    [["--only", " "], '--only is " "; --only must be words of the names of cells'],
    [["--kernels", "foo"], '--kernels is "foo"; --kernels must be one of'],
    [["--keep", "foo"], '--keep is "foo"; --keep must be one of'],
    [["--checkpoint-seconds", "0"], "--checkpoint-seconds is 0; --checkpoint-seconds must be"],
  ])("is told what is wrong with %j before the first study", async (args, sentence) => {
    write("hollow/readme.txt", "");
    const { code, stdout, stderr } = await all([...args, "--out", "wrong"]);
    expect(stderr).toContain(sentence);
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
    expect(existsSync(join(directory, "wrong"))).toBe(false);
  });

  it.each<[string, string[], string, number]>([
    ["data that are damaged", ["--data", "damaged"], join("damaged", "olivettifaces.mat"), 1],
    ["a page that cannot be written", ["--out", "taken"], join("taken", "table5"), 2],
    ["a figure that cannot be written", ["--out", "drawn"], join("drawn", "figure3"), 2],
  ])("is told of %s before the first study", async (_, args, sentence, expected) => {
    write("damaged/olivettifaces.mat", "MATLAB");
    write("taken/table5", "");
    write("drawn/figure3", "");
    const { code, stdout, stderr } = await all(args);
    expect(stderr).toContain(sentence);
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([expected, "", 1]);
  });

  it("leaves out what lacks data, whole studies too", async () => {
    write("hollow/readme.txt", "");
    // Such cells of table2 are of MNIST alone; table1 has one of CURVES too.
    const options = ["--fraction", "0.000001", "--kernels", "simd", "--threads", "1", "--jobs", "2"];
    const { code, stdout, stderr } = await all(["--only", "nag 0.99", "--data", "hollow", ...options, "--out", "lacking"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^table2 is left out: mnist needs data: .*, which hollow lacks; heavyball data mnist .*fetches it\n\n\ntable1: /,
    );
    expect(stdout).toMatch(/\nLeft out: mnist needs data: .*\nLeft out: faces needs data: /);
    const index = read("lacking", "index.html");
    expect(index).toContain('href="table1/report.html"');
    expect(index).toMatch(/Not run, or stopped before: [^.]*table2/);
  }, 600_000);
});

function write(name: string, text: string): void {
  mkdirSync(join(directory, name, ".."), { recursive: true });
  writeFileSync(join(directory, name), text);
}
