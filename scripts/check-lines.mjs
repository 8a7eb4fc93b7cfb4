/**
 * No line of code is wider than 140 columns. Biome breaks code, but neither comments nor strings nor the AssemblyScript of assembly/,
 * which it cannot parse; so every source file that git tracks, or would, is looked at here.
 *
 *   node scripts/check-lines.mjs
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WIDTH = 140;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function sources() {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  return listed.split("\0").filter((path) => /\.(ts|mjs|js|jsx|html|py)$/.test(path) && existsSync(join(root, path)));
}

const wide = sources().flatMap((path) =>
  readFileSync(join(root, path), "utf8")
    .split("\n")
    .flatMap((line, at) => (line.length > WIDTH ? [`${path}:${at + 1}: ${line.length} columns`] : [])),
);
if (wide.length > 0) {
  console.error(`${wide.join("\n")}\nLines of code have at most ${WIDTH} columns.`);
  process.exit(1);
}
