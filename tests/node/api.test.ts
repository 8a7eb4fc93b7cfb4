/** The reference made from docstrings (npm run api): all exports of all entry points are in it and documented, no link leads nowhere. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as heavyball from "heavyball";
import * as heavyballMomentum from "heavyball/momentum";
import * as heavyballNode from "heavyball/node";
import * as heavyballQueue from "heavyball/queue";
import * as heavyballWeb from "heavyball/web";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../support/childProcess.js";

const script = fileURLToPath(new URL("../../scripts/api.mjs", import.meta.url));
const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
const out = mkdtempSync(join(tmpdir(), "heavyball-api-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

beforeAll(async () => {
  const { code, output, errors } = await runCommand(process.execPath, [script, "--out", out], { milliseconds: 170_000 });
  expect(`${output}${errors}`).not.toMatch(/\[(warning|error)\]/);
  expect(code, `${output}${errors}`).toBe(0);
});

it("has a page of each entry point that exports anything", () => {
  const { exports } = JSON.parse(manifest) as { exports: Record<string, { types?: string }> };
  const withTypes = Object.keys(exports).filter((name) => exports[name].types !== undefined);
  // The self-contained file has the exports of the main entry and of heavyball/web (package.test.ts), and the entries of threads none.
  const documented = withTypes.filter((name) => !["./browser", "./worker", "./trial-worker"].includes(name));
  const pages = documented.map((name) => `heavyball${name.slice(1).replace("/", "_")}.html`);
  expect(readdirSync(join(out, "modules")).sort()).toEqual(pages.sort());
});

it("has every value that is exported", () => {
  const entries = {
    heavyball,
    "heavyball/momentum": heavyballMomentum,
    "heavyball/node": heavyballNode,
    "heavyball/queue": heavyballQueue,
    "heavyball/web": heavyballWeb,
  };
  for (const [entry, exported] of Object.entries(entries)) {
    const page = readFileSync(join(out, "modules", `${entry.replace("/", "_")}.html`), "utf8");
    expect(Object.keys(exported).filter((name) => !page.includes(`>${name}<`))).toEqual([]);
  }
});

it("says what a function computes, takes and throws", () => {
  const page = readFileSync(join(out, "functions", "heavyball.nesterov.html"), "utf8");
  expect(page).toMatch(/v_{t\+1}|v_\{t\+1\}/);
  expect(page).toContain("InvalidOptionError");
});
