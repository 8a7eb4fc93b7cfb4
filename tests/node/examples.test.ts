/** The examples that are programs for Node, run as their readers run them; what they print has to be right. Pages: examplePages.test.ts. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkTrialSpec, countTrials, expandSweep } from "heavyball";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/childProcess.js";
import { hasRedis, withServer } from "../support/redisServer.js";

const folder = mkdtempSync(join(tmpdir(), "heavyball-flowers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

/** What an example prints; it must end well and say nothing besides. */
async function run(name: string, ...args: string[]): Promise<string> {
  const { code, output, errors } = await runCommand(process.execPath, [at(name), ...args], { milliseconds: 170_000 });
  expect([code, errors]).toEqual([0, ""]);
  return output;
}

/** The number that a pattern finds, which has to be there. */
function numberIn(output: string, pattern: RegExp): number {
  expect(output).toMatch(pattern);
  return Number(pattern.exec(output)![1]);
}

describe("examples/", () => {
  it("train-curves.mjs leaves the error of the mean image, 16.7, behind, within 400 updates", async () => {
    const output = await run("train-curves.mjs", "400");
    expect(output.match(/^\d+ updates, loss of the last minibatch \d+\.\d$/gm)).toHaveLength(2);
    for (const set of ["training", "test"]) expect(numberIn(output, new RegExp(`^${set} error ([\\d.]+)$`, "m"))).toBeLessThan(15);
  });

  it("own-objective.mjs finds the end of the valley by momentum, and not without", async () => {
    const output = await run("own-objective.mjs");
    const value = (method: string) => numberIn(output, new RegExp(`^${method} +f = (\\S+) at`, "m"));
    expect(value("nesterov")).toBeLessThan(1e-12);
    expect(value("classicalMomentum")).toBeLessThan(1e-12);
    expect(value("sgd")).toBeGreaterThan(0.01);
  });

  it("flowers.mjs tells flowers that it has not seen, and predicts the same by what it saved", async () => {
    const model = join(folder, "flowers.safetensors");
    const output = await run("flowers.mjs", at("flowers.csv"), "species", model);
    expect(numberIn(output, /^([\d.]+) % of the 120 rows it has learnt right$/m)).toBeGreaterThan(95);
    expect(numberIn(output, /^([\d.]+) % of 30 rows it has not seen right$/m)).toBeGreaterThan(90);
    expect(output).toContain(`saved as ${model}; what was loaded again says the same of all 150`);
  });

  it("flowers.mjs takes a table of few rows", async () => {
    const rows = ["width,height,kind", "1,2,tall", "2,1,wide", "1,3,tall"];
    for (const few of [3, 2]) {
      writeFileSync(join(folder, "few.csv"), `${rows.slice(0, few + 1).join("\n")}\n`);
      const output = await run("flowers.mjs", join(folder, "few.csv"), "kind", join(folder, "few.safetensors"));
      expect(output).toContain(`% of the ${few} rows it has learnt right\n${few} rows are too few to keep any unseen`);
      expect(output).toContain(`what was loaded again says the same of all ${few}`);
    }
  });

  it("service.mjs refuses what is no list of points in a sentence, and goes on", async () => {
    const child = spawn(process.execPath, [at("service.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let output = "";
        child.stdout.on("data", (data: Buffer) => {
          output += data.toString();
          const found = /answers at (http\S+\/)/.exec(output);
          if (found) resolve(found[1]);
        });
        child.once("exit", () => reject(new Error(`the service ended: ${output}`)));
      });
      const ask = (body: string) => fetch(address, { method: "POST", body });
      for (const [body, sentence] of [
        ['{"points":[[1,2,3],[1]]}', /^points\[0\] is \[1,2,3\]; points\[0\] must be two numbers, such as/],
        ['{"points":[[0.1,0.2],[1]]}', /^points\[1\] is \[1\]; /],
        ['{"points":[[null,1]]}', /^points\[0\] is \[null,1\]; /],
        ['{"points":[["1",1]]}', /^points\[0\] is \["1",1\]; /],
        ['{"points":[[1e300,1]]}', /^points\[0\] is \[1e\+300,1\]; /],
        ['{"points":[1,2]}', /^points\[0\] is 1; /],
        ['{"points":[]}', /^points is \[\]; points must be a list of points/],
        ['{"points":{"length":1}}', /^points is \{"length":1\}; /],
        ["{}", /^points is undefined; /],
        ["null", /^points is undefined; /],
        ["3", /^points is undefined; /],
        ["{", /JSON/],
        ["", /JSON/],
      ] as const) {
        const response = await ask(body);
        expect([body, response.status, await response.text()]).toEqual([body, 400, expect.stringMatching(sentence)]);
      }
      const response = await ask('{ "points": [[0.1, 0.2], [0.3, 0.9]] }');
      const { colors } = (await response.json()) as { colors: string[] };
      expect([response.status, colors]).toEqual([200, [expect.stringMatching(/black|white/), expect.stringMatching(/black|white/)]]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("service.mjs answers while it learns, and its answers become right", async () => {
    const output = await run("service.mjs", "--ask");
    const right = [...output.matchAll(/^after (\d+) updates: (\d+) % of the answers right$/gm)].map(([, ...found]) => found.map(Number));
    expect(right[0][0]).toBeLessThan(2000);
    expect(right[0][1]).toBeLessThan(90);
    expect(right.at(-1)![0]).toBe(2000);
    expect(right.at(-1)![1]).toBeGreaterThan(90);
    expect(numberIn(output, /^2000 updates, ([\d.]+) ms each$/m)).toBeGreaterThan(0);
    const answers = /^(\d+) answers meanwhile: half of them within [\d.]+ ms, 99 of 100 within [\d.]+ ms$/m;
    expect(numberIn(output, answers)).toBeGreaterThan(10);
  });

  it("same-bits.mjs comes to the bits that docs/reproducibility.md names, on every team", async () => {
    const [, hash] = /^ {4}([0-9a-f]{64})$/m.exec(readFileSync(at("../docs/reproducibility.md"), "utf8"))!;
    expect((await run("same-bits.mjs")).split("\n")).toEqual([`${hash}  1 thread`, `${hash}  2 threads`, `${hash}  3 threads`]);
  });

  it("sweep-on-queue.mjs says in a sentence that there is no server", async () => {
    const { code, output, errors } = await runCommand(process.execPath, [at("sweep-on-queue.mjs"), "redis://127.0.0.1:1"]);
    expect([code, output, errors.split("\n")]).toEqual([1, "", [expect.stringContaining("redis://127.0.0.1:1/0 cannot be used")]]);
  });

  it.skipIf(!hasRedis)("sweep-on-queue.mjs has two workers run 16 trials, and the larger momentum takes the smaller rate", async () => {
    await withServer({}, async (server) => {
      const output = await run("sweep-on-queue.mjs", server.url);
      const cells = [...output.matchAll(/^optimizer\.momentum (\S+): learning rate (\S+), held-out loss (\S+)$/gm)];
      const found = cells.map(([, ...found]) => found.map(Number));
      expect(found.map(([momentum]) => momentum)).toEqual([0, 0.9]);
      expect(found[1][1]).toBeLessThan(found[0][1]);
      // Answering every flower the same costs ln 3 = 1.1.
      for (const [, , loss] of found) expect(loss).toBeLessThan(0.3);
      const shares = /^16 trials, of which the workers ran (\d+) and (\d+)$/m.exec(output)!.slice(1).map(Number);
      expect(shares[0] + shares[1]).toBe(16);
    });
  });

  it("sweep-curves.json is a sweep of 12 trials", () => {
    const sweep = JSON.parse(readFileSync(at("sweep-curves.json"), "utf8"));
    expect(countTrials(sweep)).toBe(12);
    for (const spec of expandSweep(sweep)) expect(checkTrialSpec(spec)).toEqual(spec);
  });
});
