/** The pages without a bundler of tests/node/loading.test.ts, and one that esbuild bundles, in the installed Firefox. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type JobResult, jobInNode, jobPage } from "../support/loading/engineJob.js";
import { expectAlone, expectPage } from "../support/loading/expectations.js";
import { html, outcomeModule, type PageOptions, pageFiles, WITH_FILES } from "../support/loading/project.js";
import { ISOLATION_HEADERS } from "../support/loading/site.js";
import { FIREFOX, FirefoxVisitor } from "./firefox.js";
import { project, visit, WORKPLACE } from "./workplace.js";

const visitor = new FirefoxVisitor();
afterAll(() => visitor.close());

/** A page without a bundler, and copies of the package's files. */
function plain(name: string, options: PageOptions = {}, ...others: string[]): string {
  const folder = project(name, pageFiles({ from: "./heavyball.js", ...options }));
  copyFiles(folder, "heavyball.js", ...others);
  return folder;
}

function copyFiles(folder: string, ...names: string[]): void {
  for (const name of names) copyFileSync(join(WORKPLACE, "node_modules/heavyball/dist/web", name), join(folder, name));
}

describe("Firefox", () => {
  beforeEach(({ skip }) =>
    skip(
      FIREFOX === undefined,
      "no Firefox was found: install one (Debian: apt-get install firefox-esr) or set HEAVYBALL_FIREFOX to its path",
    ),
  );

  it("imports one file, runs a trial in a Worker, and has threads where the page is isolated", async () => {
    const folder = plain("firefox");
    const isolated = await visit(visitor, folder);
    expectPage(isolated, true);
    expect(isolated.said).toEqual([]);
    const open = await visit(visitor, folder, {});
    expectPage(open, false);
    expect(open.said).toEqual([]);
  });

  it("needs one file and one script tag", async () => {
    const script = `${outcomeModule("./heavyball.js")} globalThis.results = outcomes().then((page) => ({ page }));`;
    const folder = project("firefox-tag", { "index.html": html(`<script type="module">${script}</script>`) });
    copyFiles(folder, "heavyball.js");
    expectAlone((await visit(visitor, folder, {})).page, /main thread must not wait/);
  });

  it("needs 'wasm-unsafe-eval' of a content security policy, and the files of helper and trial for threads", async () => {
    // Firefox asks for an icon, and says so where it must not.
    const policy = (scripts: string) => ({
      ...ISOLATION_HEADERS,
      "Content-Security-Policy": `default-src 'none'; img-src 'self'; script-src ${scripts}`,
    });
    const strict = policy("'self' 'wasm-unsafe-eval'");
    const results = await visit(visitor, plain("firefox-strict", WITH_FILES, "teamWorker.js", "trialWorker.js"), strict);
    expectPage(results, true);
    expect(results.said).toEqual([]);
    const folder = plain("firefox-stricter");
    const without = await visit(visitor, folder, strict);
    const remedy = /let the content security policy have worker-src blob:, or pass .* heavyball\/trial-worker$/;
    expect(without.trial).toEqual({ code: "UNSUPPORTED", message: expect.stringMatching(remedy) as string });
    expectAlone(without.worker, /let the content security policy have worker-src blob:, or pass .* heavyball\/worker$/);
    const refused = (await visit(visitor, folder, policy("'self'"))).page.byItself;
    expect(refused).toMatchObject({ code: "UNSUPPORTED", message: expect.stringMatching(/policy needs 'wasm-unsafe-eval'/) as string });
  });

  it("comes to Node's bits in the job of npm run test:engines, alone and on a team", async () => {
    const folder = project("firefox-job", jobPage([1, 2]));
    copyFiles(folder, "heavyball.js");
    copyFileSync(fileURLToPath(new URL("../../scripts/engine-job.mjs", import.meta.url)), join(folder, "engine-job.mjs"));
    const { job } = (await visit(visitor, folder)) as unknown as { job: JobResult[] };
    const { data, hash } = await jobInNode();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const bits = job.map((result) => [result.threads, result.data ?? result.hash]);
    expect(bits).toEqual([
      [undefined, data],
      [1, hash],
      [2, hash],
    ]);
  });

  it("runs what esbuild makes of a page and its worker", async () => {
    const folder = project("firefox-esbuild", {
      ...pageFiles(),
      "index.html": html('<script type="module" src="./out/page.js"></script>'),
    });
    const entryPoints = ["page.js", "worker.js"].map((name) => join(folder, name));
    await build({ entryPoints, bundle: true, format: "esm", outdir: join(folder, "out"), logLevel: "silent" });
    const results = await visit(visitor, folder);
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });
});
