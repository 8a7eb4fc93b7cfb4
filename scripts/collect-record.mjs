/**
 * The record of a finished run with its reports, small enough to be kept beside a text:
 *
 *   node scripts/collect-record.mjs RUN_DIRECTORY [--every N] > docs/records/NAME.json
 *
 * It is the run's record.json with `reports` added, one a line: those of reports.jsonl at which the errors were measured, numbers rounded
 * to five digits. `--every N` leaves out those closer than N updates to the one before.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { every: { type: "string", default: "1" } } });
const [directory] = positionals;
const every = Number(values.every);
if (directory === undefined || positionals.length > 1 || !(every >= 1)) {
  console.error("usage: node scripts/collect-record.mjs RUN_DIRECTORY [--every N]");
  process.exit(2);
}

const record = JSON.parse(readFileSync(join(directory, "record.json"), "utf8"));
const reports = readFileSync(join(directory, "reports.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

let last = -Infinity;
const kept = reports.filter(({ update }, at) => {
  if (update - last < every && at !== reports.length - 1) return false;
  last = update;
  return true;
});
const rounded = (value) => (typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value);
const lines = kept.map(
  ({ updates: _, ...report }) =>
    `    ${JSON.stringify(Object.fromEntries(Object.entries(report).map(([key, value]) => [key, rounded(value)])))}`,
);
const head = JSON.stringify(record, null, 2).replace(/\n}$/, "");
console.log(`${head},\n  "reports": [\n${lines.join(",\n")}\n  ]\n}`);
