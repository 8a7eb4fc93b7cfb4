import { fileURLToPath } from "node:url";
import { preparePlace } from "../support/loading/preparePlace.js";

/** Where the tools and the package are installed. */
export const WORKPLACE = fileURLToPath(new URL("../../build/gates/", import.meta.url));

export default function prepare(): void {
  preparePlace(WORKPLACE, fileURLToPath(new URL("package.json", import.meta.url)));
}
