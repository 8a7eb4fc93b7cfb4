/**
 * The results of docs/results: rendered from the records that are committed there, running nothing (after npm run build).
 *
 *   node scripts/results.mjs                  renders them again
 *   node scripts/results.mjs --from DIR ...   first takes in what the studies of studies.json have in stores of heavyball reproduce, and
 *                                             the numbers of figures (DIR/NAME/NAME.json); nothing is written to DIR
 *   node scripts/results.mjs --to DIR         makes such a store of them, to go on from, or for heavyball report DIR
 *   node scripts/results.mjs --check          tells which pages are not what the records say; exit code 1 where there are some
 *
 * --at DIR is another directory in place of docs/results.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readStudyNotes } from "../dist/cli/studyNotes.js";
import { withStudyRun } from "../dist/studies/studyRuns.js";
import { committed, storedFiles } from "./results/committed.mjs";
import { takeIn } from "./results/intake.mjs";
import { renderResults } from "./results/render.mjs";

const usage = "usage: node scripts/results.mjs [--from DIR ...] [--to DIR | --check] [--at DIR]";
const { values } = parseArgs({
  options: {
    from: { type: "string", multiple: true },
    to: { type: "string" },
    check: { type: "boolean", default: false },
    at: { type: "string", default: fileURLToPath(new URL("../docs/results", import.meta.url)) },
  },
});
const directory = values.at;
if (values.to !== undefined && (values.check || values.from !== undefined)) {
  console.error(usage);
  process.exit(2);
}

const write = (base, files) => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  }
};

/** Every file below a directory of docs/results, from there. */
function filesBelow(path) {
  const there = join(directory, path);
  if (!existsSync(there)) return [];
  return readdirSync(there, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

if (values.to !== undefined) {
  const { runs, ...rest } = await committed(directory);
  // Studies that were asked for there stay in its list.
  const noted = runs.reduce(withStudyRun, await readStudyNotes(values.to));
  write(values.to, storedFiles({ runs: noted, ...rest }));
  console.log(`${values.to} is a store of heavyball reproduce now; its pages: heavyball report ${values.to}`);
  process.exit(0);
}

if (values.from !== undefined) {
  const { files, lines } = await takeIn(await committed(directory), values.from);
  write(directory, files);
  console.log(lines.join("\n"));
}
const made = await renderResults(directory, await committed(directory));
const isPage = (path) => !/^(records|computed)\//.test(path) && path !== "studies.json";
const old = filesBelow(".").filter((path) => isPage(path) && !Object.hasOwn(made, path));
if (values.check) {
  const current = (path) => (existsSync(join(directory, path)) ? readFileSync(join(directory, path), "utf8") : undefined);
  const stale = [...Object.keys(made).filter((path) => current(path) !== made[path]), ...old];
  for (const path of stale) console.error(`${join(directory, path)} is not what the records say; npm run results makes it so`);
  process.exit(stale.length > 0 ? 1 : 0);
}
for (const path of old) {
  rmSync(join(directory, path));
  const parent = dirname(join(directory, path));
  if (readdirSync(parent).length === 0) rmdirSync(parent);
}
write(directory, made);
console.log(`${directory}: ${Object.keys(made).length} files`);
