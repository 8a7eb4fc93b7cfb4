/** What is committed in docs/results: studies.json, records by task, and the numbers of figures. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStudyRuns } from "../../dist/studies/studyRuns.js";
import { readRecord } from "../../dist/sweeps/storedTrial.js";

const namesIn = (path) => (existsSync(path) ? readdirSync(path).sort() : []);

/**
 * { runs, trials, computed }: the studies of trials as they were asked for, trials by key as a store lists them, and the numbers of figures
 * by name. Throws an error that names the line of a record that is damaged or was edited.
 */
export async function committed(directory) {
  const runs = parseStudyRuns(readFileSync(join(directory, "studies.json"), "utf8"), join(directory, "studies.json"));
  const trials = new Map();
  for (const name of namesIn(join(directory, "records"))) {
    const path = join(directory, "records", name);
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    for (const [at, line] of lines.entries()) {
      const { key, ...record } = JSON.parse(line);
      const trial = await readRecord(new TextEncoder().encode(JSON.stringify(record)), `${path}:${at + 1}`, key);
      if (trial.state !== "ended") throw new Error(trial.trouble);
      trials.set(key, trial);
    }
  }
  const computed = {};
  for (const file of namesIn(join(directory, "computed"))) {
    computed[file.replace(/\.json$/, "")] = JSON.parse(readFileSync(join(directory, "computed", file), "utf8"));
  }
  return { runs, trials, computed };
}

/** The same as files of docs/results: a line a record, sorted by key, in a file for each task. */
export function committedFiles({ trials, computed }) {
  const byTask = new Map();
  for (const { key, record } of [...trials.values()].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const task = record.spec.task.name;
    byTask.set(task, `${byTask.get(task) ?? ""}${JSON.stringify({ key, ...record })}\n`);
  }
  return {
    ...Object.fromEntries([...byTask].map(([task, text]) => [`records/${task}.jsonl`, text])),
    ...Object.fromEntries(Object.entries(computed).map(([name, result]) => [`computed/${name}.json`, `${compactJson(result)}\n`])),
  };
}

/** The same as a store of `heavyball reproduce`. */
export function storedFiles({ runs, trials, computed }) {
  return {
    "studies.json": `${JSON.stringify(runs, null, 2)}\n`,
    ...Object.fromEntries(
      [...trials.values()].map(({ key, record }) => [join("trials", key, "record.json"), `${JSON.stringify(record, null, 2)}\n`]),
    ),
    ...Object.fromEntries(Object.entries(computed).map(([name, result]) => [join(name, `${name}.json`), `${JSON.stringify(result)}\n`])),
  };
}

/** Numbers of 32 bits have as many digits as tell them from others of 32 bits. */
function compactJson(value) {
  return JSON.stringify(value, (_, member) => (typeof member === "number" ? shortest(member) : member));
}

function shortest(value) {
  if (Math.fround(value) !== value) return value;
  for (let digits = 5; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
