/** Installs what tests/loading/package.json names into build/loading, unless it is there, and the package itself beside it, fresh. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { preparePlace } from "../support/loading/preparePlace.js";
import { WORKPLACE } from "./workplace.js";

export default function prepare(): void {
  rmSync(join(WORKPLACE, "projects"), { recursive: true, force: true });
  preparePlace(WORKPLACE, fileURLToPath(new URL("package.json", import.meta.url)));
}
