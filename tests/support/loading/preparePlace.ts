import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installPackage } from "./project.js";

/** Installs what the package.json `list` names into the folder `place`, unless it is there, and the package itself beside it, fresh. */
export function preparePlace(place: string, list: string): void {
  const installed = join(place, "installed.json");
  mkdirSync(place, { recursive: true });
  if (!existsSync(installed) || !readFileSync(installed).equals(readFileSync(list))) {
    copyFileSync(list, join(place, "package.json"));
    const install = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    execFileSync("npm", install, { cwd: place, stdio: "inherit" });
    copyFileSync(list, installed);
  }
  installPackage(place);
}
