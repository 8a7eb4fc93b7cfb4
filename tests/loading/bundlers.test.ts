/** Bundlers for browsers, beside those of tests/node/loading.test.ts. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { expectPage } from "../support/loading/expectations.js";
import { html, outcomeModule, page, pageFiles, trialModule, WITH_PACKAGE_FILES, worker } from "../support/loading/project.js";
import { webpack } from "./webpack.js";
import { project, required, run, Visitor, visit } from "./workplace.js";

const visitor = new Visitor();
afterAll(() => visitor.close());

describe("Rollup", () => {
  it("bundles page and worker, each by itself", async () => {
    const folder = project("rollup", {
      "outcomes.js": outcomeModule(),
      "trial.js": trialModule(),
      "page.js": page('new Worker("./out/worker.js", { type: "module" })'),
      "worker.js": worker(),
      "index.html": html('<script type="module" src="./out/page.js"></script>'),
    });
    const { rollup } = required("rollup") as typeof import("rollup");
    const { nodeResolve } = required("@rollup/plugin-node-resolve") as { nodeResolve(options: object): never };
    for (const name of ["page", "worker"]) {
      const said: string[] = [];
      const onwarn = ({ message }: { message: string }) => void said.push(message);
      const bundle = await rollup({ input: join(folder, `${name}.js`), plugins: [nodeResolve({ browser: true })], onwarn });
      await bundle.write({ file: join(folder, `out/${name}.js`), format: name === "page" ? "es" : "iife" });
      expect(said).toEqual([]);
    }
    const results = await visit(visitor, folder);
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });
});

describe("webpack", () => {
  it.each([
    ["as it comes", {}],
    ["with the files of helper and trial", WITH_PACKAGE_FILES],
  ])("builds, %s", async (name, options) => {
    const folder = project(`webpack-${name.length}`, {
      ...pageFiles(options),
      "index.html": html('<script src="./main.js"></script>'),
    });
    await webpack({ context: folder, entry: "./page.js", output: { path: folder, publicPath: "auto" } });
    const results = await visit(visitor, folder);
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });
});

describe("Parcel", () => {
  it("builds", async () => {
    const folder = project("parcel", {
      "package.json": JSON.stringify({ name: "parcel", private: true, "@parcel/resolver-default": { packageExports: true } }),
      // What Parcel takes the root of a project by.
      "package-lock.json": "{}",
      ...pageFiles(),
    });
    await run("parcel", ["build", "index.html", "--no-cache", "--no-source-maps", "--public-url", "./"], folder);
    const results = await visit(visitor, join(folder, "dist"));
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });
});
