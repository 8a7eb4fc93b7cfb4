import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDirectory } from "../../node/isDirectory.js";
import { makeDirectory } from "../../node/makeDirectory.js";
import { sweepDirectory } from "../../node/sweepDirectory.js";
import { hostFacts } from "../../runtime/machineFacts.js";
import { type StudyName, studyNames } from "../../studies/index.js";
import type { IndexEntry } from "../../studies/indexPage.js";
import { renderStored } from "../../studies/renderStored.js";
import type { Rendering } from "../../studies/study.js";
import { InvalidSweepError, type Sweep } from "../../sweeps/index.js";
import { mostKernels, readSweep } from "../../sweeps/readSweep.js";
import type { StoredTrials } from "../../sweeps/sweepStore.js";
import { describeMachine, footer } from "../../trials/page/describeMachine.js";
import { renderComputed } from "../renderComputed.js";
import { reportHelp, reportOptions } from "../reportOptions.js";
import { writeFiles } from "../reproduceComputation.js";
import { indexEntry, writeIndex } from "../studyIndex.js";
import { readStudyNotes } from "../studyNotes.js";
import { sweepName, writeResults } from "../sweepResults.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { complain, print, say, sayJson } from "../terminal/output.js";
import { ofSweep, readJson } from "../terminal/readJson.js";

/** `heavyball report`: pages of what a directory holds, made anew; returns the exit code. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("report", reportOptions, args);
  if (values.help) {
    print(reportHelp);
    return 0;
  }
  const [directory] = words;
  if (directory === undefined) throw new UsageError("report on what? Say: heavyball report DIR");
  if (words.length > 1) throw new UsageError(`report takes one directory, and is given ${words.length}: ${words.join(" ")}`);
  if (!(await isDirectory(directory))) throw new UsageError(`${directory} is no directory`);
  refuseTrial(directory);
  const found = await sweepDirectory(directory).list();
  for (const sentence of found.troubles) complain(sentence);
  const out = values.out ?? directory;
  const files = [...(await writeStudies(directory, out, found)), ...(await writeSweep(directory, out, found))];
  if (files.length === 0)
    throw new UsageError(
      `${directory} holds nothing to report on: neither studies (heavyball reproduce NAME --out ${directory}) nor a sweep ` +
        `(heavyball sweep SWEEP.json --out ${directory})`,
    );
  if (values.json) sayJson("written", { files });
  else say(files.join("\n"));
  return found.troubles.length > 0 ? 1 : 0;
}

/** The page of a single trial shows its network at work, which its own command does. */
function refuseTrial(directory: string): void {
  if (!existsSync(join(directory, "spec.json"))) return;
  const page = join(directory, "report.html");
  throw new UsageError(
    `${directory} holds the run of one trial, ` +
      (existsSync(page) ? `whose page is ${page}` : `which has its page when it has ended: heavyball train --resume --out ${directory}`),
  );
}

/** All studies, each in a directory of its name, and an index; a figure's own directory has its page in itself. */
async function writeStudies(directory: string, out: string, found: StoredTrials): Promise<string[]> {
  const machine = hostFacts();
  const facts = { facts: [], footer: footer(machine) };
  const own = await renderComputed(directory, facts);
  if (own !== undefined) return writeRendering(out, own.rendering);
  const entries: IndexEntry[] = [];
  const files: string[] = [];
  const add = async (study: StudyName, name: string, rendering: Rendering): Promise<void> => {
    const paths = await writeRendering(join(out, name), rendering);
    entries.push(indexEntry(out, study, rendering.page, paths.at(-1)!));
    files.push(...paths);
  };
  for (const name of studyNames) {
    const computed = await renderComputed(join(directory, name), facts, name);
    if (computed !== undefined) await add(name, name, computed.rendering);
  }
  for (const made of await renderStored(await readStudyNotes(directory), found, facts)) {
    for (const sentence of made.troubles) complain(sentence);
    await add(made.study, made.directory, made.rendering);
  }
  if (entries.length === 0) return [];
  return [...files, ...(await writeIndex(out, entries, { facts: describeMachine(machine), footer: footer(machine) }))];
}

async function writeRendering(directory: string, { files }: Rendering): Promise<string[]> {
  makeDirectory(directory);
  return writeFiles(directory, files);
}

/** The results of `heavyball sweep`, whose file says which trials are its. */
async function writeSweep(directory: string, out: string, { trials }: StoredTrials): Promise<string[]> {
  const path = join(directory, sweepName);
  if (!existsSync(path)) return [];
  const sweep = readJson(path, ofSweep) as Sweep;
  const kernels = mostKernels(trials.values());
  if (kernels === undefined) return [];
  makeDirectory(out);
  try {
    return await writeResults(sweep, await readSweep(sweep, { place: directory, trials, kernels }), out);
  } catch (error) {
    if (error instanceof InvalidSweepError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}
