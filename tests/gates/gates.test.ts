/** What publint and "are the types wrong" say of the package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runTool } from "../support/loading/runTool.js";
import { WORKPLACE } from "./prepare.js";

const installed = join(WORKPLACE, "node_modules/heavyball");
const tool = (name: string, given: readonly string[]) => runTool(join(WORKPLACE, "node_modules/.bin", name), given, WORKPLACE);

describe("the package", () => {
  it("passes publint, its suggestions included", async () => {
    expect(await tool("publint", ["run", installed, "--strict", "--level", "suggestion", "--pack", "false"])).toMatch(/All good!/);
  });

  it("has right types at every entry point, for bundlers and for Node's modules", async () => {
    const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((name) => typeof exports[name] === "object");
    expect(entries).toEqual(expect.arrayContaining([".", "./node", "./queue", "./worker", "./browser"]));
    const pack = ["pack", installed, "--ignore-scripts", "--json"];
    const [{ filename }] = JSON.parse(await runTool("npm", pack, WORKPLACE)) as { filename: string }[];
    const output = await tool("attw", [
      join(WORKPLACE, filename),
      "--profile",
      "esm-only",
      "--format",
      "json",
      "--entrypoints",
      ...entries,
    ]);
    const { analysis } = JSON.parse(output) as {
      analysis: { problems: { kind: string; resolutionKind?: string }[]; entrypoints: object };
    };
    expect(Object.keys(analysis.entrypoints)).toEqual(entries);
    // Resolution as in Node 10 knows no entry points, and a package of ES modules is imported by CommonJS dynamically.
    const problems = analysis.problems.filter(({ kind, resolutionKind }) => kind !== "CJSResolvesToESM" && resolutionKind !== "node10");
    expect(problems).toEqual([]);
  });
});
