import { basename } from "node:path";
import { saveModel } from "../../networks/model.js";
import { BestModel } from "../../node/bestModel.js";
import { formatCount, formatError } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { hasMadeAll, type Outcome } from "../../trials/outcome.js";
import { describeInitialization, describeNetwork, describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import { outcomeTable } from "../../trials/page/trialPage.js";
import type { PreparedCurves, PreparedSequences } from "../../trials/prepareTask.js";
import { trialRecord } from "../../trials/record.js";
import type { TrialSpec } from "../../trials/spec.js";
import { checkPositive } from "../../validate.js";
import { machineFacts } from "../machine.js";
import { openFiles, type RunFiles } from "../openRun.js";
import { type PreparedRun, prepareRun } from "../prepareRun.js";
import type { Racer } from "../race.js";
import { runTrials } from "../runTrials.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { complain, nobodyReads, print, say, sayJson } from "../terminal/output.js";
import { trainHelp } from "../trainHelp.js";
import { allOptions } from "../trainOptions.js";
import { trainPage } from "../trainPage.js";

/** Updates from which on a trial's report has Figure 3 unasked. */
const figure3FromUpdates = 10_000;

/** What the optimizers are called in tables and figures. */
const names = { sgd: "SGD", classicalMomentum: "CM", nesterov: "NAG", hessianFree: "HF" } as const;

/** `heavyball train`; returns the exit code. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("train", allOptions, args);
  if (values.help) {
    print(trainHelp);
    return 0;
  }
  if (words.length === 0 && !values.resume)
    throw new UsageError("train what? Say: heavyball train curves, or addition, multiplication, memory5, memory20 or a SPEC.json");
  if (words.length > 1) throw new UsageError(`train takes one task or file, and is given ${words.length}: ${words.join(" ")}`);
  const checkpointSeconds = checkPositive("--checkpoint-seconds", values["checkpoint-seconds"] ?? 30);
  const begun = performance.now();
  const prepared = await prepareRun(words, values);
  try {
    return await runInFiles({ ...prepared, json: values.json === true, checkpointSeconds, figure3: values.figure3 === true, begun });
  } finally {
    prepared.run.begun?.close();
    await prepared.runtime.dispose();
  }
}

interface Training extends PreparedRun {
  readonly json: boolean;
  readonly checkpointSeconds: number;
  /** Whether the paper's Figure 3 was asked for. */
  readonly figure3: boolean;
  /** When the command began. */
  readonly begun: number;
}

/** A new run that fails before an update is made, as when the memory is too small for one, leaves nothing behind. */
async function runInFiles(training: Training): Promise<number> {
  const files = await openFiles(training.run);
  const progress = { update: 0 };
  try {
    return await train(training, files, progress);
  } catch (error) {
    if (files?.isNew && progress.update === 0) files.directory.discard();
    throw error;
  } finally {
    files?.directory.close();
  }
}

async function train(training: Training, files: RunFiles | undefined, progress: { update: number }): Promise<number> {
  const { run, runtime, task, trial, json, checkpointSeconds } = training;
  const { spec, from } = run;
  const name = names[spec.optimizer.method];
  const machine = machineFacts(runtime);
  const { state, reports } = from?.checkpoint ?? {};
  if (json)
    sayJson("trial", {
      name,
      spec,
      machine,
      from: state?.update ?? 0,
      baseline: task.baseline,
      ...("sequences" in task ? { zeroOneMeaning: task.sequences.zeroOneMeaning } : {}),
    });
  else
    describe(
      spec,
      name,
      task,
      `heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`,
    );
  if (from?.damaged !== undefined)
    complain(`${from.damaged.message}; going on from ${from.isPrevious ? "the checkpoint before it" : basename(from.file)}`);
  if (state !== undefined && !json) say(`Going on after update ${formatCount(state.update)}.\n`);

  const best = files === undefined ? undefined : new BestModel(files.directory, task.watched.key, trial.network);
  const trouble = from && (await best?.goOn(from.checkpoint));
  if (trouble !== undefined) complain(trouble);
  let saved = performance.now();
  /** A checkpoint that is where it belongs is not written again. */
  let savedUpdate = from?.isPresent === true && from.damaged === undefined ? state?.update : undefined;
  const save = async ({ measured }: Racer): Promise<void> => {
    await best?.write();
    const state = trial.getState();
    // The report of the starting point comes again when a trial goes on from there.
    const seen = state.update === 0 ? { reports: [] } : { reports: measured, best: best?.state };
    await files?.checkpoints.save({ spec, kernels: runtime.kernels, state, ...seen });
    saved = performance.now();
    savedUpdate = state.update;
  };
  const { outcomes, interrupted } = await runTrials({
    task,
    trials: [{ name, trial, reports }],
    json,
    onReport: (_, report) => {
      progress.update = report.update;
      files?.directory.addReport(report);
      best?.see(report);
    },
    onPause: async ([racer], moment) => {
      progress.update = racer.last.update;
      // During a long update there is nothing new to save.
      const isNew = racer.last.update !== savedUpdate;
      const isDue = moment !== "between" || performance.now() - saved >= 1000 * checkpointSeconds;
      if (isNew && isDue) await save(racer);
    },
  });
  const [outcome] = outcomes;
  if (files !== undefined) {
    // A trial that failed is not saved again.
    await best?.write();
    const paths = await writeOutcome(training, files, outcome, interrupted !== undefined, best?.isLost === true);
    if (json) sayJson("written", { files: paths });
    else say(`\nWritten: ${paths.join(", ")}`);
  }
  if (!json) describeOutcome(outcome, task);
  if (outcome.failure !== undefined) {
    complain(outcome.failure);
    return 1;
  }
  if (interrupted !== undefined && !json) {
    const goOn = files === undefined ? "" : ` To go on: heavyball train --resume --out ${files.directory.path}`;
    say(
      `\nStopped after ${formatCount(outcome.update)} of ${formatCount(spec.updates)} updates; the errors are those of that moment.${goOn}`,
    );
  }
  // Without files there is nothing to go on with: who had read enough has what there was.
  return interrupted === nobodyReads && files === undefined ? 0 : (interrupted ?? 0);
}

/**
 * Writes what belongs to this end of a trial, and removes what an earlier one left that does not. Returns the paths of what was written.
 */
async function writeOutcome(
  training: Training,
  { directory }: RunFiles,
  outcome: Outcome,
  isInterrupted: boolean,
  bestIsLost: boolean,
): Promise<string[]> {
  const { runtime, task, trial, json, figure3, begun } = training;
  const failed = outcome.failure !== undefined;
  const paths: string[] = [];
  // A signal that comes after the last update, or while a finished run is looked at again, interrupts nothing.
  const hasRecord = !isInterrupted || failed || hasMadeAll(outcome);
  if (failed) await directory.remove("model.safetensors");
  if (!hasRecord) await directory.remove("record.json");
  if (!failed) paths.push(await directory.write("model.safetensors", saveModel(trial.network)));
  const machine = machineFacts(runtime);
  if (hasRecord)
    paths.push(await directory.write("record.json", `${JSON.stringify(trialRecord(outcome, task, machine, bestIsLost), null, 2)}\n`));
  const withFigure3 = drawsFigure3(outcome.spec, figure3) && !isInterrupted && !failed;
  if (withFigure3 && !json) say("\nDrawing Figure 3: two trainings of 1,000 updates.");
  const page = trainPage({
    runtime,
    outcome,
    trial,
    task,
    machine,
    figure3: withFigure3,
    seconds: () => (performance.now() - begun) / 1000,
  });
  return [...paths, await directory.write("report.html", page)];
}

/** Long trials have it anyway: beside them its two short ones do not count. */
function drawsFigure3({ task, updates }: TrialSpec, asked: boolean): boolean {
  return (task.name === "addition" || task.name === "multiplication") && (asked || updates >= figure3FromUpdates);
}

function describe(spec: TrialSpec, name: string, task: PreparedCurves | PreparedSequences, versions: string): void {
  say(versions);
  say(describeNetwork(spec));
  say(`  ${describeTask(spec)}`);
  say(`  ${name}: ${describeOptimizer(spec)}`);
  say(`  initialization: ${describeInitialization(spec)}`);
  if ("sequences" in task) {
    say(`  zero-one error: ${task.sequences.zeroOneMeaning}; the biases alone reach ${formatError(task.baseline.zeroOne)}`);
    say(`  (progress shows it on ${formatCount(task.watchedCases)} sequences of its own)`);
  }
  say();
}

/** The outcome on the terminal. */
function describeOutcome(outcome: Outcome, task: PreparedCurves | PreparedSequences): void {
  say(`\n${textTable(outcomeTable([outcome], task))}`);
  if (!("sequences" in task) || outcome.best === undefined) return;
  const { best, spec } = outcome;
  say(`\nZero-one error: ${task.sequences.zeroOneMeaning}, over ${formatCount(spec.task.testCases)} held-out sequences.`);
  say(
    `The lowest seen while training, on ${formatCount(task.watchedCases)} others, was ${formatError(best.error)} after ` +
      `${formatCount(best.update)} updates.`,
  );
}
