/** Other Nodes than the one that runs this, from the registry's package `node`, installed into build/engines on first use. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Path of a Node of that version, which may be a major one. */
export function nodeBinary(version) {
  const folder = fileURLToPath(new URL(`../build/engines/node-${version}`, import.meta.url));
  const binary = join(folder, "node_modules", "node", "bin", "node");
  if (!existsSync(binary)) {
    console.log(`installing node@${version} into build/engines`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `node@${version}`], {
      cwd: folder,
      stdio: "inherit",
    });
    if (status !== 0 || !existsSync(binary)) throw new Error(`npm could not install node@${version}`);
  }
  return binary;
}
