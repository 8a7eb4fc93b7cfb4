/**
 * The package as strangers load it: packed, unpacked into a fresh project, built by the bundlers that are here anyway, and opened in
 * Chromium. The other rows of the table in docs/loading.md have their tests in tests/loading (npm run test:loading).
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { createServer, build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../scripts/chromium.mjs";
import { expectAlone, expectPage } from "../support/loading/expectations.js";
import {
  html,
  installPackage,
  outcomeModule,
  type PageOptions,
  page,
  pageFiles,
  trialModule,
  WITH_FILES,
  WITH_PACKAGE_FILES,
  worker,
  writeFiles,
} from "../support/loading/project.js";
import { ISOLATION_HEADERS, serve, Visitor } from "../support/loading/site.js";

const project = mkdtempSync(join(tmpdir(), "heavyball-loading-"));
const visitor = new Visitor();
beforeAll(() => {
  writeFiles(project, { "package.json": '{ "name": "stranger", "private": true, "type": "module" }' });
  installPackage(project);
});
afterAll(async () => {
  await visitor.close();
  rmSync(project, { recursive: true, force: true });
});

/** Serves a folder of the project and opens its page. */
async function visit(folder: string, headers: Readonly<Record<string, string>> = ISOLATION_HEADERS) {
  const site = await serve(join(project, folder), headers);
  try {
    return await visitor.open(site.address);
  } finally {
    await site.close();
  }
}

describe.skipIf(findChromium() === undefined)("a page without a bundler", () => {
  const files = (options: PageOptions = {}) => pageFiles({ from: "./heavyball.js", ...options });
  const copied = (folder: string, ...names: string[]) => {
    for (const name of names) copyFileSync(join(project, "node_modules/heavyball/dist/web", name), join(project, folder, name));
  };

  it("imports one file, and has threads in workers where it is isolated", async () => {
    writeFiles(join(project, "plain"), files());
    copied("plain", "heavyball.js");
    const isolated = await visit("plain");
    expectPage(isolated, true);
    expect(isolated.said).toEqual([]);
    const open = await visit("plain", {});
    expectPage(open, false);
    expect(open.said).toEqual([]);
  });

  it("is one file with one script tag", async () => {
    const script = `${outcomeModule("./heavyball.js")} globalThis.results = outcomes().then((page) => ({ page }));`;
    writeFiles(join(project, "tag"), { "index.html": html(`<script type="module">${script}</script>`) });
    copied("tag", "heavyball.js");
    expectAlone((await visit("tag", {})).page, /main thread must not wait/);
  });

  it("takes the file from another host", async () => {
    const host = await serve(join(project, "node_modules/heavyball/dist/web"), {
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    try {
      writeFiles(join(project, "elsewhere"), files({ from: `${host.address}heavyball.js` }));
      const results = await visit("elsewhere");
      expectPage(results, true);
      expect(results.said).toEqual([]);
    } finally {
      await host.close();
    }
  });

  it("needs 'wasm-unsafe-eval' of a content security policy, and the files of helper and trial for threads", async () => {
    const strict = { ...ISOLATION_HEADERS, "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };
    writeFiles(join(project, "strict"), files(WITH_FILES));
    copied("strict", "heavyball.js", "teamWorker.js", "trialWorker.js");
    const results = await visit("strict", strict);
    expectPage(results, true);
    expect(results.said).toEqual([]);
    // Without the helper's file there is one thread, and a reason that says what to do; without the trial's an error that says it.
    writeFiles(join(project, "strict"), files());
    const without = await visit("strict", strict);
    const remedy = /let the content security policy have worker-src blob:, or pass .* heavyball\/trial-worker$/;
    expect(without.trial).toEqual({ code: "UNSUPPORTED", message: expect.stringMatching(remedy) as string });
    expectAlone(without.worker, /let the content security policy have worker-src blob:, or pass .* heavyball\/worker$/);
    // Nothing can be compiled: a typed error.
    const stricter = { ...ISOLATION_HEADERS, "Content-Security-Policy": "default-src 'none'; script-src 'self'" };
    const refused = (await visit("strict", stricter)).page.byItself;
    expect(refused).toMatchObject({ code: "UNSUPPORTED", message: expect.stringMatching(/policy needs 'wasm-unsafe-eval'/) as string });
  });

  it("says what is wrong with a helper of another origin", async () => {
    const host = await serve(join(project, "node_modules/heavyball/dist/web"), { "Access-Control-Allow-Origin": "*" });
    try {
      writeFiles(join(project, "foreign"), files({ options: `{ worker: "${host.address}teamWorker.js" }` }));
      copied("foreign", "heavyball.js");
      expectAlone(
        (await visit("foreign")).worker,
        /the address of heavyball\/worker, on the page's own origin and served with its headers$/,
      );
    } finally {
      await host.close();
    }
  });
});

describe.skipIf(findChromium() === undefined)("esbuild", () => {
  it.each(["esm", "iife"] as const)("bundles page and worker as %s", async (format) => {
    const folder = join(project, `esbuild-${format}`);
    writeFiles(folder, {
      "outcomes.js": outcomeModule(),
      "trial.js": trialModule(),
      "page.js": page(format === "esm" ? 'new Worker("./out/worker.js", { type: "module" })' : 'new Worker("./out/worker.js")'),
      "worker.js": worker(),
      "index.html": html(`<script ${format === "esm" ? 'type="module"' : ""} src="./out/page.js"></script>`),
    });
    const { warnings } = await esbuild({
      entryPoints: [join(folder, "page.js"), join(folder, "worker.js")],
      bundle: true,
      splitting: format === "esm",
      format,
      outdir: join(folder, "out"),
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const results = await visit(`esbuild-${format}`);
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });
});

describe.skipIf(findChromium() === undefined)("Vite 7", () => {
  const settings = (folder: string) => ({ root: join(project, folder), configFile: false as const, logLevel: "error" as const });

  it.each([
    ["as it comes", {}],
    ["with the files of helper and trial", WITH_PACKAGE_FILES],
  ])("builds, %s", async (name, options) => {
    const folder = `vite-${name.length}`;
    writeFiles(join(project, folder), pageFiles(options));
    await vite({ ...settings(folder), base: "./" });
    const results = await visit(`${folder}/dist`);
    expectPage(results, true);
    expect(results.said).toEqual([]);
  });

  it.each([
    ["as it comes", {}],
    ["with the files of helper and trial", WITH_PACKAGE_FILES],
  ])("serves, %s", async (name, options) => {
    const folder = `vite-dev-${name.length}`;
    writeFiles(join(project, folder), pageFiles(options));
    const here = { port: 0, host: "127.0.0.1", headers: ISOLATION_HEADERS, fs: { allow: [project] } };
    const server = await createServer({ ...settings(folder), server: here });
    try {
      await server.listen();
      const results = await visitor.open(server.resolvedUrls!.local[0]);
      expectPage(results, true);
    } finally {
      await server.close();
    }
  });
});
