import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-names-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(["index", "node/index", "queue/index"])("errors of %s are called by their names where a program is minified", async (entry) => {
  const outfile = join(directory, `${entry.replace("/", "-")}.mjs`);
  await build({
    entryPoints: [new URL(`dist/${entry}.js`, root).pathname],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    conditions: ["node"],
    external: ["bullmq", "ioredis"],
    logLevel: "silent",
  });
  const exported: Record<string, unknown> = await import(pathToFileURL(outfile).href);
  const errors = Object.entries(exported).filter(([name]) => name.endsWith("Error"));
  expect(errors.length).toBeGreaterThan(0);
  for (const [name, constructor] of errors) {
    const given = name === "InvalidSweepError" ? [[{ path: "a", message: "b" }]] : ["a", "b", "c", "d"];
    const error = Reflect.construct(constructor as new () => Error, given) as Error;
    expect([error.name, String(error).startsWith(`${name}: `)]).toEqual([name, true]);
  }
});
