import { join } from "node:path";
import { makeDirectory } from "../node/makeDirectory.js";
import { sweepDirectory } from "../node/sweepDirectory.js";
import { formatCount, formatCountOf, formatDuration } from "../report/text/format.js";
import { hostFacts } from "../runtime/machineFacts.js";
import { type AskedCells, askedCells } from "../studies/askedCells.js";
import type { StudyName } from "../studies/index.js";
import { renderStudy } from "../studies/renderStudy.js";
import { runStudy, type StudyOutcome } from "../studies/runStudy.js";
import type { RunStudyOptions } from "../studies/runStudyOptions.js";
import type { SweepStudy } from "../studies/study.js";
import { studyDirectory } from "../studies/studyRuns.js";
import type { RunSweepOptions } from "../sweeps/index.js";
import { kernelsOf } from "../sweeps/runSweep.js";
import { footer } from "../trials/page/describeMachine.js";
import { chooseExecutor } from "./executorOptions.js";
import { writeFiles } from "./reproduceComputation.js";
import { type Given, type Reproduced, studyOptions } from "./studyGiven.js";
import { noteStudy } from "./studyNotes.js";
import { filesFor, neededData, requireNoData } from "./taskData.js";
import type { Interrupt } from "./terminal/interrupt.js";
import { complain, say, sayJson, standardOutput } from "./terminal/output.js";
import { SweepTable } from "./terminal/sweepTable.js";

/** Where trials are kept unless told otherwise. */
export const standardDirectory = "heavyball-runs";

/** `heavyball reproduce` of a study of trials. */
export async function reproduceTrials(study: SweepStudy, name: StudyName, given: Given, interrupt: Interrupt): Promise<Reproduced> {
  const begun = performance.now();
  const { json, only, data: path, out = standardDirectory } = given as { json?: true; only?: string; data?: string; out?: string };
  const options = studyOptions(study, given);
  const spec = study.check(options);
  const { executor, server } = chooseExecutor("reproduce", given as { jobs?: number; threads?: number; queue?: string });
  const asked = askedWithWords(study, spec, only, path);
  const data = await filesFor(asked.tasks, path);
  if (json) sayJson("study", { ...(spec as object), out, ...(server === undefined ? {} : { queue: server.place }) });
  else announce(study, spec, asked, out, server === undefined ? "" : `, run by the workers of ${server.place}`);
  const { "checkpoint-seconds": checkpointSeconds, kernels, keep, repair } = given;
  const { signal } = interrupt;
  const running = { executor, store: sweepDirectory(out), data, only, checkpointSeconds, kernels, keep, repair, signal } as RunStudyOptions;
  const table = json ? undefined : new SweepTable(standardOutput());
  interrupt.beforeExit = () => table?.finish();
  const { study: _name, ...noted } = spec as { readonly study: string };
  const note = async (): Promise<void> =>
    noteStudy(out, { study: name, kernels: kernelsOf(running as RunSweepOptions), options: noted }, complain);
  const outcome = await watch(name, options, running, table, note);
  const directory = join(out, studyDirectory(name, options));
  makeDirectory(directory);
  const seconds = (performance.now() - begun) / 1000;
  const { files, summary, page } = renderStudy(outcome, {
    facts: [["This run", `${formatDuration(seconds)} in all`]],
    footer: footer(hostFacts()),
  });
  const paths = await writeFiles(directory, files);
  if (json) {
    sayJson("result", outcome.result);
    sayJson("written", { files: paths });
  } else {
    say(`\n${summary.join("\n")}`);
    say(`\n${formatDuration(seconds)} in all. Numbers and page:\n${paths.join("\n")}`);
    if (outcome.trials?.isStopped) say(`To go on, give the same command again: what is in ${out} is not run again.`);
  }
  return { exitCode: endCode(outcome, interrupt.exitCode), page: { ...page, path: paths.at(-1)! } };
}

/** The cells that are to be run; where all of them need data, the sentence says which command fetches them. */
function askedWithWords(study: SweepStudy, spec: unknown, only: string | undefined, path: string | undefined): AskedCells {
  const parts = study.plan(spec).trials;
  const { tasks } = askedCells(parts, only, true);
  if (path === undefined && tasks.every((task) => neededData(task) !== undefined)) requireNoData(tasks[0]);
  return askedCells(parts, only, path !== undefined);
}

function announce(study: SweepStudy, spec: unknown, { names, leftOut }: AskedCells, out: string, by: string): void {
  for (const line of study.announce(spec)) say(line);
  const all = study.plan(spec).trials.length;
  if (names.size < all) say(`Run here: ${formatCount(names.size)} of ${formatCountOf(all, "cell")}.`);
  for (const task of leftOut) say(`Left out: ${neededData(task)}`);
  say(`Trials are kept in ${out}${by}; those that are there are not run again.\n`);
}

/** Runs the study under a table of its trials, or with a JSON line for each, to its end or to a signal. */
async function watch(
  name: StudyName,
  options: Readonly<Record<string, unknown>>,
  running: RunStudyOptions,
  table: SweepTable | undefined,
  note: () => Promise<void>,
): Promise<StudyOutcome> {
  let noted: Promise<unknown> | undefined;
  try {
    const outcome = await runStudy(name, options, {
      ...running,
      onProgress({ sweep }) {
        // Now the store is open, and nobody else's. What goes wrong is told in the end.
        noted ??= note().catch((error: unknown) => error);
        table?.show(sweep!);
      },
      onRow(row) {
        table?.end(row);
        if (table === undefined) sayJson("row", row);
      },
      onTrouble(sentence) {
        table?.finish();
        complain(sentence);
      },
    });
    const error = await noted;
    if (error !== undefined) throw error;
    return outcome;
  } finally {
    table?.finish();
  }
}

/** Trials that diverged are results; others that came to no end are told by the exit code. */
function endCode({ trials }: StudyOutcome, interrupted: number | undefined): number {
  const { isStopped, failures } = trials!;
  if (isStopped) return interrupted ?? 1;
  if (failures.length === 0) return 0;
  complain(`${formatCountOf(failures.length, "trial")} failed, the first, ${failures[0]}`);
  return 1;
}
