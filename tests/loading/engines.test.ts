/** Engines beside Node and browsers, from the registry's packages. */
import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { expectAlone, expectTeam, expectTrial } from "../support/loading/expectations.js";
import { type Outcomes, outcomeModule, PROGRAM, TRIAL_PROGRAM, type TrialOutcome, trialModule } from "../support/loading/project.js";
import { answerOf, freePort, printed, project, WORKPLACE } from "./workplace.js";

describe.each([
  ["Bun", "bun", ["run"]],
  ["Deno", "deno", ["run", "--allow-all", "--node-modules-dir=manual"]],
])("%s", (_name, engine, given) => {
  it("runs the package on a team", async () => {
    const folder = project(engine, { "outcomes.js": outcomeModule(), "program.js": PROGRAM });
    const outcomes = await printed<Outcomes>(engine, [...given, "program.js"], folder);
    expectTeam(outcomes, outcomes.byItself.loss);
  });

  it("runs a trial in a Worker", async () => {
    const folder = project(`${engine}-trial`, { "trial.js": trialModule({ web: "heavyball/node" }), "program.js": TRIAL_PROGRAM });
    expectTrial(await printed<TrialOutcome>(engine, [...given, "program.js"], folder));
  });
});

const settings = (port: number) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "out.js"), (name = "simd.wasm", wasm = embed "simd.wasm")],
  compatibilityDate = "2026-01-01"
);
`;

const SERVICE = `import wasm from "./simd.wasm";
import { outcomes } from "./outcomes.js";
export default { fetch: async () => Response.json({ own: await outcomes({ wasm }), embedded: await outcomes() }) };
`;

describe("workerd", () => {
  it("runs a binary that was compiled ahead, on one thread, and says so where none was given", async () => {
    const port = await freePort();
    const folder = project("workerd", { "outcomes.js": outcomeModule(), "service.js": SERVICE, "config.capnp": settings(port) });
    copyFileSync(join(WORKPLACE, "node_modules/heavyball/dist/wasm/simd.wasm"), join(folder, "simd.wasm"));
    await build({
      entryPoints: [join(folder, "service.js")],
      outfile: join(folder, "out.js"),
      bundle: true,
      format: "esm",
      conditions: ["workerd", "worker", "browser"],
      external: ["./simd.wasm"],
      logLevel: "silent",
    });
    const workerd = join(WORKPLACE, "node_modules/workerd/bin/workerd");
    const server = spawn(workerd, ["serve", "config.capnp"], { cwd: folder, stdio: "ignore" });
    try {
      const { own, embedded } = (await answerOf(`http://127.0.0.1:${port}/`)) as { own: Outcomes; embedded: Outcomes };
      expectAlone(own, /^this engine has no Worker$/);
      expect(embedded.byItself).toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/could not be compiled: .*pass a WebAssembly.Module as `wasm`/) as string,
      });
    } finally {
      server.kill("SIGKILL");
    }
  });
});
