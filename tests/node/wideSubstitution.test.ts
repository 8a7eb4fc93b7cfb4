import { createRuntime } from "heavyball";
import { expect, it } from "vitest";

/** scripts/test-wide.mjs runs tests/host over a build in which the wide binary stands in the place of `relaxed`, with V8's flag set. */
const isSubstituted = (process.env.HEAVYBALL_TEST_DIST ?? "").includes("wide");

it.runIf(isSubstituted)("tests of the wide binary run it, in processes whose V8 fuses vectors", async () => {
  expect(process.execArgv).toContain("--experimental-wasm-revectorize");
  const runtime = await createRuntime({ kernels: "auto", threads: 1 });
  expect(runtime.wide).toBe(true);
  await runtime.dispose();
});

it.runIf(!isSubstituted)("tests of the package run without the flag", () => {
  expect(process.execArgv.join(" ")).not.toContain("revectorize");
});
