/**
 * Makes the files of dist/ that need nothing beside them, after tsc has written the rest:
 *
 *   dist/web/heavyball.js      the main entry and heavyball/web, for a page or a worker without a bundler (heavyball/browser)
 *   dist/web/teamWorker.js     a helper thread of a browser and
 *   dist/node/teamWorker.js    one of Node's, for whoever names the file: bundlers copy it as it is (heavyball/worker)
 *   dist/web/trialWorker.js    the thread of a trial in a browser and
 *   dist/node/trialWorker.js   one in Node, likewise (heavyball/trial-worker)
 *
 * None of them has a source map, as the other files have none: those are the sources without their types, and this is those.
 */
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./embed.mjs";

const dist = (path) => join(root, "dist", path);
const common = { bundle: true, minify: true, format: "esm", target: "es2022", charset: "ascii", logLevel: "warning" };
/** The loader is the one package inside. */
const banner = { js: "/*! heavyball, MIT license; with @assemblyscript/loader, Apache-2.0 license */" };

for (const [file, platform, given] of [
  ["web/heavyball.js", "browser", { banner }],
  ["web/teamWorker.js", "browser", {}],
  ["node/teamWorker.js", "node", {}],
  ["web/trialWorker.js", "browser", { banner }],
  ["node/trialWorker.js", "node", { banner }],
]) {
  await build({ ...common, ...given, entryPoints: [dist(file)], platform, outfile: dist(file), allowOverwrite: true });
}
