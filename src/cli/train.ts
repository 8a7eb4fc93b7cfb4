import { createRuntime, type Runtime } from "../machines.js";
import { saveModel } from "../networks/model.js";
import { describeInitialization, describeNetwork, describeOptimizer, describeTask } from "../report/describeSpec.js";
import { formatCount, formatError } from "../report/format.js";
import { textTable } from "../report/table.js";
import { outcomeTable } from "../report/trialPage.js";
import type { Outcome } from "../trials/outcome.js";
import { prepareTask, type PreparedCurves, type PreparedSequences } from "../trials/prepareTask.js";
import { trialRecord } from "../trials/record.js";
import type { TrialSpec } from "../trials/spec.js";
import { checkPositive } from "../validate.js";
import { BestModel } from "./bestModel.js";
import { machineFacts } from "./machine.js";
import { createRun, resumeRun, type Run } from "./openRun.js";
import { parseOptions, UsageError } from "./options.js";
import { say, sayJson } from "./output.js";
import type { Racer } from "./race.js";
import { runTrials } from "./runTrials.js";
import { trainHelp } from "./trainHelp.js";
import { allOptions } from "./trainOptions.js";
import { trainPage } from "./trainPage.js";
import { nameOption, trainSpec, type TrainValues } from "./trainSpec.js";

/** Updates from which on a trial's report has Figure 3 unasked. */
const figure3FromUpdates = 10_000;

/** How the optimizers are called in tables and figures. */
const names = { sgd: "SGD", classicalMomentum: "CM", nesterov: "NAG", hessianFree: "HF" } as const;

/** `heavyball train`; returns the exit code. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("train", allOptions, args);
  if (values.help) {
    process.stdout.write(trainHelp);
    return 0;
  }
  if (words.length === 0 && !values.resume) throw new UsageError("train what? Say: heavyball train curves, or addition, multiplication, memory5, memory20 or a SPEC.json");
  if (words.length > 1) throw new UsageError(`train takes one task or file, and is given ${words.length}: ${words.join(" ")}`);
  const checkpointSeconds = checkPositive("--checkpoint-seconds", values["checkpoint-seconds"] ?? 30);
  const begun = performance.now();
  const { run, runtime } = await prepare(words, values);
  try {
    return await train({ run, runtime, json: values.json === true, checkpointSeconds, figure3: values.figure3 === true, begun });
  } finally {
    await runtime.dispose();
  }
}

/** The run and the runtime for it: a checkpoint needs the kernels that made it. */
async function prepare(words: readonly string[], values: TrainValues): Promise<{ run: Run; runtime: Runtime }> {
  try {
    const { threads, kernels } = values as { threads?: number; kernels?: "auto" };
    if (values.resume) {
      const run = await resumeRun(words[0], values);
      const saved = run.from?.kernels;
      if (saved !== undefined && kernels !== undefined && kernels !== "auto" && kernels !== saved) {
        throw new UsageError(`--kernels is ${JSON.stringify(kernels)}, and the run in ${values.out} has ${JSON.stringify(saved)}, which rounds differently; leave --kernels out, or begin another run with another --out`);
      }
      return { run, runtime: await createRuntime({ threads, kernels: saved ?? kernels }) };
    }
    const spec = trainSpec(words[0], values);
    requireDirectory(values);
    const runtime = await createRuntime({ threads, kernels });
    try {
      // Last, because a wrong option must leave no directory behind.
      return { run: await createRun(spec, values.out), runtime };
    } catch (error) {
      await runtime.dispose();
      throw error;
    }
  } catch (error) {
    throw nameOption(error);
  }
}

/** Asked last of all: an option that does not apply is refused with or without a directory. */
function requireDirectory(values: TrainValues): void {
  const needs = (["checkpoint-seconds", "figure3"] as const).find((name) => values[name] !== undefined);
  if (values.out === undefined && needs !== undefined) throw new UsageError(`--${needs} is about files, and needs a directory for them: --out DIR`);
}

interface Training {
  readonly run: Run;
  readonly runtime: Runtime;
  readonly json: boolean;
  readonly checkpointSeconds: number;
  /** Whether the paper's Figure 3 was asked for. */
  readonly figure3: boolean;
  /** When the command began. */
  readonly begun: number;
}

async function train({ run, runtime, json, checkpointSeconds, figure3, begun }: Training): Promise<number> {
  const { spec, directory, checkpoints, from, damaged } = run;
  const name = names[spec.optimizer.method];
  const machine = machineFacts(runtime);
  const task = prepareTask(spec);
  if (json) sayJson("trial", { name, spec, machine, from: from?.state.update ?? 0, baseline: task.baseline, ...("sequences" in task ? { zeroOneMeaning: task.sequences.zeroOneMeaning } : {}) });
  else describe(spec, name, task, `heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`);
  if (damaged !== undefined) process.stderr.write(`heavyball: ${damaged.message}; going on from the checkpoint before it\n`);
  if (from !== undefined && !json) say(`Going on after update ${formatCount(from.state.update)}.\n`);

  const best = directory === undefined ? undefined : new BestModel(directory, task.watched.key, from?.reports);
  let saved = performance.now();
  let savedUpdate: number | undefined;
  const save = async ({ trial, measured }: Racer): Promise<void> => {
    await best?.write();
    const state = trial.getState();
    // The report of the starting point comes again when a trial goes on from there.
    await checkpoints?.save({ spec, kernels: runtime.kernels, state, reports: state.update === 0 ? [] : measured });
    saved = performance.now();
    savedUpdate = state.update;
  };
  const { outcomes, trials, interrupted } = await runTrials({
    runtime,
    task,
    trials: [{ name, spec, from }],
    json,
    onReport: ({ trial }, report) => {
      directory?.addReport(report);
      best?.see(trial, report);
    },
    onPause: async ([racer], moment) => {
      // During a long update there is nothing new to save.
      const isDue = performance.now() - saved >= 1000 * checkpointSeconds && racer.last.update !== savedUpdate;
      if (moment !== "between" || isDue) await save(racer);
    },
  });
  const [outcome] = outcomes;
  if (directory !== undefined) {
    // A trial that failed is not saved again.
    await best?.write();
    const paths: string[] = [];
    if (outcome.failure === undefined) paths.push(await directory.write("model.safetensors", saveModel(trials[0].network)));
    if (interrupted === undefined) paths.push(await directory.write("record.json", `${JSON.stringify(trialRecord(outcome, task, machine), null, 2)}\n`));
    const withFigure3 = drawsFigure3(spec, figure3) && interrupted === undefined && outcome.failure === undefined;
    if (withFigure3 && !json) say("\nDrawing Figure 3: two trainings of 1,000 updates.");
    const page = trainPage({ runtime, outcome, trial: trials[0], task, machine, figure3: withFigure3, seconds: () => (performance.now() - begun) / 1000 });
    paths.push(await directory.write("report.html", page));
    if (json) sayJson("written", { files: paths });
    else say(`\nWritten: ${paths.join(", ")}`);
  }
  if (!json) describeOutcome(outcome, task);
  if (outcome.failure !== undefined) {
    process.stderr.write(`heavyball: ${outcome.failure}\n`);
    return 1;
  }
  if (interrupted !== undefined && !json) {
    const goOn = directory === undefined ? "" : ` To go on: heavyball train --resume --out ${directory.path}`;
    say(`\nStopped after ${formatCount(outcome.update)} of ${formatCount(spec.updates)} updates; the errors are those of that moment.${goOn}`);
  }
  return interrupted ?? 0;
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
  say(`The lowest seen while training, on ${formatCount(task.watchedCases)} others, was ${formatError(best.error)} after ${formatCount(best.update)} updates.`);
}
