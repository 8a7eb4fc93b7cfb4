/** Bundles for Node, and a server's framework. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { expectPage, expectTeam, expectTrial } from "../support/loading/expectations.js";
import {
  type Outcomes,
  outcomeModule,
  PROGRAM,
  pageFiles,
  TRIAL_PROGRAM,
  type TrialOutcome,
  trialModule,
} from "../support/loading/project.js";
import { webpack } from "./webpack.js";
import { answerOf, freePort, printed, project, run, Visitor, WORKPLACE } from "./workplace.js";

const visitor = new Visitor();
afterAll(() => visitor.close());

async function expectThreads(file: string, folder: string): Promise<void> {
  const outcomes = await printed<Outcomes>(process.execPath, [file], folder);
  expectTeam(outcomes, outcomes.byItself.loss);
}

describe("Node", () => {
  it("runs the package itself", async () => {
    await expectThreads("program.js", project("node", { "outcomes.js": outcomeModule(), "program.js": PROGRAM }));
  });

  it("runs a trial of the package in a Worker", async () => {
    const folder = project("node-trial", { "trial.js": trialModule({ web: "heavyball/node" }), "program.js": TRIAL_PROGRAM });
    expectTrial(await printed<TrialOutcome>(process.execPath, ["program.js"], folder));
  });

  it.each(["commonjs", "module"])("runs what webpack makes of it: %s", async (type) => {
    const folder = project(`webpack-node-${type}`, { "outcomes.js": outcomeModule(), "program.js": PROGRAM });
    await webpack({
      context: folder,
      target: "node20",
      entry: "./program.js",
      experiments: { outputModule: type === "module" },
      output: { path: folder, filename: type === "module" ? "out.mjs" : "out.cjs", library: { type } },
    });
    await expectThreads(type === "module" ? "out.mjs" : "out.cjs", folder);
  });
});

const LAYOUT = "export default ({ children }) => <html><body>{children}</body></html>;";
const ROUTE = `import { outcomes } from "../../outcomes.js";
export const dynamic = "force-dynamic";
export const GET = async () => Response.json(await outcomes());`;
// What a client component imports is evaluated on the server too.
const CLIENT = `"use client";
import { useEffect } from "react";
import "../trial.js";
export default function Client() {
  useEffect(() => { import("../page.js"); }, []);
  return null;
}`;
const SETTINGS = `export default {
  turbopack: { root: ${JSON.stringify(WORKPLACE)} },
  outputFileTracingRoot: ${JSON.stringify(WORKPLACE)},
  headers: async () => [{ source: "/:path*", headers: [
    { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
    { key: "Cross-Origin-Embedder-Policy", value: "require-corp" },
  ] }],
};`;

describe("Next", () => {
  it.each(["--turbopack", "--webpack"])("has it in API routes and in the browser: build %s", async (bundler) => {
    const folder = project(`next${bundler}`, {
      "package.json": JSON.stringify({ name: "next-app", private: true, type: "module", dependencies: { next: "*", react: "*" } }),
      "next.config.mjs": SETTINGS,
      ...pageFiles(),
      "app/layout.jsx": LAYOUT,
      "app/client.jsx": CLIENT,
      "app/page.jsx": 'import Client from "./client.jsx"; export default () => <Client />;',
      "app/api/route.js": ROUTE,
    });
    await run("next", ["build", bundler], folder);
    const port = await freePort();
    const next = join(WORKPLACE, "node_modules/next/dist/bin/next");
    const server = spawn(process.execPath, [next, "start", "-H", "127.0.0.1", "-p", String(port)], { cwd: folder, stdio: "ignore" });
    try {
      const address = `http://127.0.0.1:${port}/`;
      const outcomes = (await answerOf(`${address}api`)) as Outcomes;
      expectTeam(outcomes, outcomes.byItself.loss);
      expectPage(await visitor.open(address), true);
    } finally {
      server.kill("SIGKILL");
    }
  });
});
