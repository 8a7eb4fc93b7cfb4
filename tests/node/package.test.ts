import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VERSION } from "#internal/version";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  version: string;
  exports: Record<string, unknown>;
  imports: Record<string, unknown>;
  bin: Record<string, string>;
};

/** Paths of the files that `npm publish` would send. */
function packedFiles(): string[] {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [tarball] = JSON.parse(output) as { files: { path: string }[] }[];
  return tarball.files.map(({ path }) => path);
}

/** Every file an `exports` or `imports` entry leads to, under whatever condition. */
function targets(entry: unknown): string[] {
  return typeof entry === "string" ? [entry] : Object.values(entry as Record<string, unknown>).flatMap(targets);
}

const packed = packedFiles();

test("the version that records and pages name is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});

test("the package holds the release build and its papers, nothing else", () => {
  const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
  expect(packed.filter((path) => !path.startsWith("dist/")).sort()).toEqual(papers);
});

test("every file in dist belongs to a source file (delete dist and build again if not)", () => {
  // The laboratory is bundled, from lab/.
  const code = packed.filter((path) => path.startsWith("dist/") && !path.startsWith("dist/lab/") && path.endsWith(".js"));
  const madeOfOthers = "dist/web/heavyball.js";
  const own = code.filter((path) => path !== madeOfOthers);
  expect(code.length).toBe(own.length + 1);
  expect(own.filter((path) => !existsSync(`${root}src/${path.slice("dist/".length, -".js".length)}.ts`))).toEqual([]);
});

test("whatever the package exports is in it", () => {
  const files = targets([manifest.exports, manifest.imports, manifest.bin]).filter((path) => !path.includes("*"));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((path) => !packed.includes(path.replace(/^\.\//, "")))).toEqual([]);
});

test("the command starts with a line that names its interpreter", () => {
  for (const path of Object.values(manifest.bin)) expect(readFileSync(`${root}${path}`, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("types come first among the conditions, where resolvers look for them", () => {
  for (const entry of Object.values(manifest.exports)) {
    if (typeof entry === "object" && entry !== null) expect(Object.keys(entry)[0]).toBe("types");
  }
});
