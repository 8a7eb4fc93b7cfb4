import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
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

/** What `npm publish` would send. */
function pack(): { size: number; unpackedSize: number; files: { path: string }[] } {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [tarball] = JSON.parse(output) as ReturnType<typeof pack>[];
  return tarball;
}

/** Every file an `exports` or `imports` entry leads to, under whatever condition. */
function targets(entry: unknown): string[] {
  return typeof entry === "string" ? [entry] : Object.values(entry as Record<string, unknown>).flatMap(targets);
}

const tarball = pack();
const packed = tarball.files.map(({ path }) => path);

test("the version that records and pages name is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});

test("the package holds the release build, its papers and the examples, nothing else", () => {
  const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
  const tracked = execFileSync("git", ["ls-files", "docs", "examples"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  const pages = tracked.filter((path) => /^(docs\/[^/]+\.md|docs\/figures\/.*|docs\/results\/.*\.(md|svg)|examples\/.*)$/.test(path));
  expect(packed.filter((path) => !path.startsWith("dist/")).sort()).toEqual([...papers, ...pages].sort());
});

test("links of the package's pages lead to what is in it, or to the three places that README.md says are not", () => {
  const pages = packed.filter((path) => path.endsWith(".md"));
  expect(pages.length).toBeGreaterThan(20);
  const links = pages.flatMap((page) =>
    [...readFileSync(root + page, "utf8").matchAll(/\]\(([^)#\s:]+)(?:#[^)\s]*)?\)/g)].map(([, link]) => ({
      page,
      path: posix.join(posix.dirname(page), link).replace(/\/$/, ""),
    })),
  );
  const isPacked = (path: string) => packed.some((file) => file === path || file.startsWith(`${path}/`));
  const dead = links.filter(({ path }) => !isPacked(path));
  expect(dead.filter(({ page, path }) => page === "README.md" || !/^(src|bench|docs\/records)(\/|$)/.test(path))).toEqual([]);
  expect(readFileSync(`${root}README.md`, "utf8")).toContain("`src`, `bench` and `docs/records`");
});

// Two fifths of it are the laboratory and the self-contained files for pages; documents, figures and examples are half a megabyte, and
// the pages of results grow with every cell that is run.
test("the package takes at most 2.1 MB, 6 MB unpacked, without source maps, by decision (docs/loading.md)", () => {
  expect(tarball.size).toBeLessThanOrEqual(2_100_000);
  expect(tarball.unpackedSize).toBeLessThanOrEqual(6_000_000);
  expect(packed.filter((path) => !/\.(m?js|d\.ts|tsx?|jsx|wasm|md|json|html|css|svg|csv)$|^LICENSE$/.test(path))).toEqual([]);
});

test("every file in dist belongs to a source file (delete dist and build again if not)", () => {
  // The laboratory is bundled, from lab/.
  const code = packed.filter((path) => path.startsWith("dist/") && !path.startsWith("dist/lab/") && path.endsWith(".js"));
  expect(code.length).toBeGreaterThan(100);
  expect(code.filter((path) => !existsSync(`${root}src/${path.slice("dist/".length, -".js".length)}.ts`))).toEqual([]);
});

test("whatever the package exports is in it", () => {
  const files = targets([manifest.exports, manifest.imports, manifest.bin]).filter((path) => !path.includes("*"));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((path) => !packed.includes(path.replace(/^\.\//, "")))).toEqual([]);
});

test("the laboratory is in it (npm run build:lab if not): its page, and the scripts and styles that the page names", () => {
  const page = "dist/lab/index.html";
  expect(packed).toContain(page);
  const named = [...readFileSync(root + page, "utf8").matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name);
  expect(named.filter((name) => name.endsWith(".js")).length).toBeGreaterThan(0);
  expect(named.filter((name) => !packed.includes(`dist/lab/${name}`))).toEqual([]);
});

test("the file for pages without a bundler has what heavyball and heavyball/web have", async () => {
  const [alone, ...parts] = (await Promise.all(["heavyball/browser", "heavyball", "heavyball/web"].map((name) => import(name)))) as Record<
    string,
    unknown
  >[];
  const names = parts.flatMap((part) => Object.keys(part));
  expect(names.length).toBeGreaterThan(50);
  // The Worker of a trial calls the one that is no part of the declarations.
  expect(Object.keys(alone).sort()).toEqual([...names, "serveTrialHere"].sort());
});

test("the command starts with a line that names its interpreter", () => {
  for (const path of Object.values(manifest.bin)) expect(readFileSync(`${root}${path}`, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("types come first among the conditions, where resolvers look for them", () => {
  for (const entry of Object.values(manifest.exports)) {
    if (typeof entry === "object" && entry !== null) expect(Object.keys(entry)[0]).toBe("types");
  }
});
