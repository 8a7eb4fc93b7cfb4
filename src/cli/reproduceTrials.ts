import { makeDirectory } from "../node/makeDirectory.js";
import { formatCount, formatCountOf, formatDuration } from "../report/text/format.js";
import { hostFacts } from "../runtime/machineFacts.js";
import type { StudyName } from "../studies/index.js";
import { renderStudy } from "../studies/renderStudy.js";
import { runStudy, type StudyOutcome } from "../studies/runStudy.js";
import type { RunStudyOptions } from "../studies/runStudyOptions.js";
import type { RunSweepOptions } from "../sweeps/index.js";
import { kernelsOf } from "../sweeps/runSweep.js";
import { footer } from "../trials/page/describeMachine.js";
import type { PreparedTrials } from "./prepareTrials.js";
import { writeFiles } from "./reproduceComputation.js";
import type { Reproduced } from "./studyGiven.js";
import { noteStudy } from "./studyNotes.js";
import type { Interrupt } from "./terminal/interrupt.js";
import { complain, say, sayJson, standardOutput } from "./terminal/output.js";
import { SweepTable } from "./terminal/sweepTable.js";

/** `heavyball reproduce` of a study of trials, to its end or to a signal. */
export async function reproduceTrials(prepared: PreparedTrials, interrupt: Interrupt): Promise<Reproduced> {
  const begun = performance.now();
  const { name, spec, options, out, directory, json } = prepared;
  const running = { ...prepared.running, signal: interrupt.signal };
  announce(prepared);
  const table = json ? undefined : new SweepTable(standardOutput());
  interrupt.beforeExit = () => table?.finish();
  const { study: _name, ...noted } = spec as { readonly study: string };
  const note = async (): Promise<void> =>
    noteStudy(out, { study: name, kernels: kernelsOf(running as RunSweepOptions), options: noted }, complain);
  const outcome = await watch(name, options, running, table, note);
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

function announce({ study, spec, names, leftOut, out, server, json }: PreparedTrials): void {
  if (json) {
    const others = { ...(server === undefined ? {} : { queue: server }), ...(leftOut.length === 0 ? {} : { leftOut }) };
    sayJson("study", { ...(spec as object), out, ...others });
    return;
  }
  for (const line of study.announce(spec)) say(line);
  const all = study.plan(spec).trials.length;
  if (names.size < all) say(`Run here: ${formatCount(names.size)} of ${formatCountOf(all, "cell")}.`);
  for (const sentence of leftOut) say(`Left out: ${sentence}`);
  const by = server === undefined ? "" : `, run by the workers of ${server}`;
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
