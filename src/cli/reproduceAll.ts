import { join } from "node:path";
import { InvalidOptionError } from "../errors.js";
import { makeDirectory } from "../node/makeDirectory.js";
import { formatDuration } from "../report/text/format.js";
import { hostFacts } from "../runtime/machineFacts.js";
import { askedCells } from "../studies/askedCells.js";
import { type StudyName, studyNamed, studyNames } from "../studies/index.js";
import type { IndexEntry } from "../studies/indexPage.js";
import type { TaskSpec } from "../tasks/index.js";
import { describeMachine, footer } from "../trials/page/describeMachine.js";
import { standardDirectory } from "./prepareTrials.js";
import { optionsOf } from "./reproduceOptions.js";
import { prepareStudy, type ReadyStudy } from "./reproduceStudy.js";
import { type Given, studyOptions } from "./studyGiven.js";
import { indexEntry, writeIndex } from "./studyIndex.js";
import { filesFor, lackingFiles } from "./taskData.js";
import type { Interrupt } from "./terminal/interrupt.js";
import { UsageError } from "./terminal/options.js";
import { say, sayJson } from "./terminal/output.js";

/** `heavyball reproduce all`: every study, and a page that leads to theirs; returns the exit code. */
export async function reproduceAll(given: Given, interrupt: Interrupt): Promise<number> {
  const begun = performance.now();
  const out = (given.out as string | undefined) ?? standardDirectory;
  const { ready, leftOut } = await readyStudies(given, out);
  for (const [study, why] of leftOut) {
    if (given.json === true) sayJson("leftOut", { study, why });
    else say(`${study} is left out: ${why.join("; ")}`);
  }
  const entries: IndexEntry[] = [];
  let exitCode = 0;
  const lead = () => writeIndexOf(out, entries, (performance.now() - begun) / 1000, given.json === true);
  try {
    for (const [at, { name, run }] of ready.entries()) {
      if (interrupt.happened) break;
      if (given.json !== true) say(`${at === 0 && leftOut.size === 0 ? "" : "\n\n"}${name}: ${studyNamed(name).title}\n`);
      const { exitCode: code, page } = await run(interrupt);
      if (page !== undefined) entries.push(indexEntry(out, name, page, page.path));
      exitCode = Math.max(exitCode, code);
    }
  } catch (error) {
    // The pages that are there shall be found; where that fails too, as on a full disk, the first error is the one to hear of.
    await lead().catch(() => {});
    throw error;
  }
  await lead();
  return interrupt.exitCode ?? exitCode;
}

/** Writes the page that leads to those of the studies, and says where it is. */
async function writeIndexOf(out: string, entries: readonly IndexEntry[], seconds: number, json: boolean): Promise<void> {
  const machine = hostFacts();
  const facts = [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`] as const];
  makeDirectory(out);
  const files = await writeIndex(out, entries, { facts, footer: footer(machine) });
  if (json) sayJson("written", { files });
  else say(`\nAll of it: ${files.join(", ")}`);
}

/** The studies that are to be run, and why others are not, whose cells all lack their data. */
interface ReadyStudies {
  readonly ready: readonly ReadyStudy[];
  readonly leftOut: ReadonlyMap<StudyName, readonly string[]>;
}

/** All of them are looked at before the first is run, which may take hours. Throws as `prepareStudy`. */
async function readyStudies(given: Given, out: string): Promise<ReadyStudies> {
  const path = given.data as string | undefined;
  const asked = askedStudies(given);
  const tasks = [...new Map([...asked.values()].flat().map((task) => [JSON.stringify(task), task])).values()];
  const lacking = await lackingFiles(tasks, path);
  const isLeftOut = (own: readonly TaskSpec[]): boolean => own.length > 0 && own.every(({ name }) => lacking.has(name));
  const leftOut = [...asked].filter(([, own]) => isLeftOut(own));
  if (leftOut.length === asked.size) await filesFor(tasks, path);
  const ready: ReadyStudy[] = [];
  for (const [name, own] of asked) if (!isLeftOut(own)) ready.push(await prepareStudy(name, inAll(name, given, out)));
  return { ready, leftOut: new Map(leftOut.map(([name, own]) => [name, own.map((task) => lacking.get(task.name)!)])) };
}

/**
 * Those that compute first, which are done soon, and what the cells of the others train; with `--only` those alone that have such cells.
 * Throws UsageError where none has.
 */
function askedStudies(given: Given): Map<StudyName, readonly TaskSpec[]> {
  const { only } = given as { readonly only?: string };
  const asked = new Map<StudyName, readonly TaskSpec[]>();
  if (only === undefined) for (const name of studyNames) if (studyNamed(name).kind === "computation") asked.set(name, []);
  for (const name of studyNames) {
    const study = studyNamed(name);
    if (study.kind !== "sweep") continue;
    const { trials } = study.plan(study.check(studyOptions(study, givenFor(name, given))));
    try {
      asked.set(name, askedCells(trials, only, () => true).tasks);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
    }
  }
  if (asked.size === 0) throw new UsageError(`--only is ${JSON.stringify(only)}, and no study has a cell of such a name`);
  return asked;
}

/** What one of all studies is given; each writes its files to a directory of its name. */
function inAll(name: StudyName, given: Given, out: string): Given {
  return { ...givenFor(name, given), out: studyNamed(name).kind === "sweep" ? out : join(out, name) };
}

/** What a study has a use for; the budget of trials is not that of a computation. */
function givenFor(name: StudyName, given: Given): Given {
  const study = studyNamed(name);
  const budget = study.kind === "sweep" ? [] : Object.values(study.options).map(({ flag }) => flag);
  const flags = Object.keys(optionsOf(study)).filter((flag) => !budget.includes(flag));
  return Object.fromEntries(Object.entries(given).filter(([flag]) => flags.includes(flag)));
}
