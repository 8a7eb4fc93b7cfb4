/** Installs what tests/loading/package.json names into build/loading, unless it is there, and the package itself beside it, fresh. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installPackage } from "../support/loading/project.js";
import { WORKPLACE } from "./workplace.js";

export default function prepare(): void {
  const list = fileURLToPath(new URL("package.json", import.meta.url));
  const installed = `${WORKPLACE}installed.json`;
  mkdirSync(WORKPLACE, { recursive: true });
  if (!existsSync(installed) || !readFileSync(installed).equals(readFileSync(list))) {
    copyFileSync(list, `${WORKPLACE}package.json`);
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], {
      cwd: WORKPLACE,
      stdio: "inherit",
    });
    copyFileSync(list, installed);
  }
  rmSync(`${WORKPLACE}projects`, { recursive: true, force: true });
  installPackage(WORKPLACE);
}
