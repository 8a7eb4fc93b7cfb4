/** Takes new records into docs/results. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { studyNamed, studyNames } from "../../dist/studies/index.js";
import { readSweep } from "../../dist/sweeps/readSweep.js";
import { readRecord } from "../../dist/sweeps/storedTrial.js";
import { committedFiles } from "./committed.mjs";

/**
 * What docs/results comes to with what is in some directories: { files, lines }. Of trials those that studies.json asks for; of one that is
 * there already the record that was there stays. Directories are only read, and may belong to sweeps at work.
 */
export async function takeIn({ runs, trials, computed }, directories) {
  const found = new Map(trials);
  const lines = [];
  const figures = { ...computed };
  for (const directory of directories) {
    for (const trial of await recordsIn(directory)) {
      if (trial.state !== "ended") lines.push(`left out: ${trial.trouble}`);
      else if (!found.has(trial.key)) found.set(trial.key, trial);
    }
    for (const name of studyNames.filter((name) => studyNamed(name).kind === "computation")) {
      const path = join(directory, name, `${name}.json`);
      if (existsSync(path)) figures[name] = JSON.parse(readFileSync(path, "utf8"));
    }
  }
  const asked = await keysOf(runs, found);
  const kept = new Map([...found].filter(([key]) => asked.has(key)));
  const added = [...kept.keys()].filter((key) => !trials.has(key)).length;
  lines.push(`${added} new records, ${kept.size} in all, ${found.size - kept.size} of no study left out`);
  return { files: committedFiles({ trials: kept, computed: figures }), lines };
}

async function recordsIn(directory) {
  const place = join(directory, "trials");
  const made = [];
  for (const key of existsSync(place) ? readdirSync(place).sort() : []) {
    const path = join(place, key, "record.json");
    if (existsSync(path)) made.push(await readRecord(readFileSync(path), path, key));
  }
  return made;
}

/** The keys of all trials of the studies that are there, those of short trials too. */
async function keysOf(runs, trials) {
  const keys = new Set();
  for (const { study: name, options, kernels } of runs) {
    const study = studyNamed(name);
    const { rows } = await readSweep(study.plan(study.check(options)), { place: "", trials, kernels });
    for (const { key } of rows) keys.add(key);
  }
  return keys;
}
