import { join, relative, resolve, sep } from "node:path";
import { InvalidOptionError } from "../errors.js";
import { makeDirectory } from "../node/makeDirectory.js";
import { htmlPage } from "../report/page/page.js";
import { formatDuration } from "../report/text/format.js";
import { hostFacts } from "../runtime/machineFacts.js";
import { askedCells } from "../studies/askedCells.js";
import { type StudyName, studyNamed, studyNames } from "../studies/index.js";
import { type IndexEntry, indexPage } from "../studies/indexPage.js";
import { describeMachine, footer } from "../trials/page/describeMachine.js";
import { reproduceComputation, writeFiles } from "./reproduceComputation.js";
import { optionsOf } from "./reproduceOptions.js";
import { reproduceTrials, standardDirectory } from "./reproduceTrials.js";
import { type Given, type Reproduced, studyOptions } from "./studyGiven.js";
import type { Interrupt } from "./terminal/interrupt.js";
import { UsageError } from "./terminal/options.js";
import { say, sayJson } from "./terminal/output.js";

/** `heavyball reproduce all`: every study, and a page that leads to theirs; returns the exit code. */
export async function reproduceAll(given: Given, interrupt: Interrupt): Promise<number> {
  const begun = performance.now();
  const out = (given.out as string | undefined) ?? standardDirectory;
  const asked = askedStudies(given);
  const entries: IndexEntry[] = [];
  let exitCode = 0;
  for (const name of asked) {
    if (interrupt.happened) break;
    if (given.json !== true) say(`${entries.length === 0 ? "" : "\n\n"}${name}: ${studyNamed(name).title}\n`);
    const { exitCode: code, page } = await reproduceStudy(name, inAll(name, given, out), interrupt);
    if (page !== undefined) entries.push({ name, ...page, path: relative(resolve(out), page.path).split(sep).join("/") });
    exitCode = Math.max(exitCode, code);
  }
  const machine = hostFacts();
  const seconds = (performance.now() - begun) / 1000;
  const missing = studyNames.filter((name) => !entries.some((entry) => entry.name === name));
  const facts = [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`] as const];
  makeDirectory(out);
  const files = await writeFiles(out, { "index.html": htmlPage(indexPage(entries, missing, { facts, footer: footer(machine) })) });
  if (given.json === true) sayJson("written", { files });
  else say(`\nAll of it: ${files.join(", ")}`);
  return interrupt.exitCode ?? exitCode;
}

/** Those that compute first, which are done soon; with `--only` those alone that have such cells. Throws UsageError where none has. */
function askedStudies(given: Given): StudyName[] {
  const { only } = given as { readonly only?: string };
  const computing = only === undefined ? studyNames.filter((name) => studyNamed(name).kind === "computation") : [];
  const ofTrials = studyNames.filter((name) => {
    const study = studyNamed(name);
    if (study.kind !== "sweep") return false;
    const { trials } = study.plan(study.check(studyOptions(study, givenFor(name, given))));
    try {
      return askedCells(trials, only, true).names.size > 0;
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      return false;
    }
  });
  const asked = [...computing, ...ofTrials];
  if (asked.length === 0) throw new UsageError(`--only is ${JSON.stringify(only)}, and no study has a cell of such a name`);
  return asked;
}

/** A study of either kind. */
export function reproduceStudy(name: StudyName, given: Given, interrupt: Interrupt): Promise<Reproduced> {
  const study = studyNamed(name);
  return study.kind === "sweep" ? reproduceTrials(study, name, given, interrupt) : reproduceComputation(study, name, given, interrupt);
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
