/** The installed Chromium (nothing here ever downloads one) and how tests start it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Path of a browser: the environment variable `variable` if set (and then it must exist), else the first of `names` in PATH, else
 * undefined.
 * @param {string} variable
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function findBrowser(variable, names) {
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (!isExecutable(named)) throw new Error(`${variable} names ${JSON.stringify(named)}, which is not an executable file`);
    return named;
  }
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Path of the Chromium to use, which CHROMIUM may name. */
export const findChromium = () => findBrowser("CHROMIUM", NAMES);

/** No sandbox (containers have no user namespaces), no GPU, and no traffic of the browser's own. */
export const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a page must be served with to be cross-origin isolated, that is, to have SharedArrayBuffer. */
export const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
