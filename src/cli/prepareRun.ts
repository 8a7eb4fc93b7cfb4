import { createRuntime, type Runtime } from "../createRuntime.js";
import { CheckpointMismatchError, FormatError, type HeavyballError, InvalidOptionError, ShapeError } from "../errors.js";
import { RunDirectory } from "../node/runDirectory.js";
import { type PreparedCurves, type PreparedSequences, prepareTask } from "../trials/prepareTask.js";
import { startTrial, type Trial } from "../trials/trial.js";
import { checkOneOf } from "../validate.js";
import { type Run, resumeRun } from "./openRun.js";
import { UsageError } from "./terminal/options.js";
import { nameOption, type TrainValues, trainSpec } from "./trainSpec.js";

/** A run with everything that it takes in memory; on disk nothing has changed. */
export interface PreparedRun {
  readonly run: Run;
  readonly runtime: Runtime;
  readonly task: PreparedCurves | PreparedSequences;
  readonly trial: Trial;
}

/**
 * Does all that a wrong option or a wrong file can make impossible, before anything is made on disk: reads the spec and the checkpoint,
 * starts the runtime with the kernels that made it, draws the data, makes network, starting point and optimizer. Throws UsageError, and the
 * library's errors under the names of the command line's options.
 */
export async function prepareRun(words: readonly string[], values: TrainValues): Promise<PreparedRun> {
  let run: Run | undefined;
  let runtime: Runtime | undefined;
  try {
    run = values.resume ? await resumeRun(words[0], values) : newRun(words[0], values);
    runtime = await createRuntime({ threads: values.threads, kernels: chooseKernels(run, values) });
    const task = prepareTask(run.spec);
    return { run, runtime, task, trial: begin(runtime, run, task) };
  } catch (error) {
    run?.begun?.close();
    await runtime?.dispose();
    throw nameOption(error);
  }
}

function newRun(word: string, values: TrainValues): Run {
  const spec = trainSpec(word, values);
  const { out } = values;
  // Asked last of all: an option that does not apply is refused with or without a directory.
  const needs = (["checkpoint-seconds", "figure3"] as const).find((name) => values[name] !== undefined);
  if (out === undefined && needs !== undefined)
    throw new UsageError(`--${needs} is about files, and needs a directory for them: --out DIR`);
  if (out !== undefined) RunDirectory.requireNoRun(out);
  return { spec, ...(out === undefined ? {} : { out }) };
}

function chooseKernels({ from }: Run, { kernels, out }: TrainValues): "auto" | "simd" | "relaxed" | undefined {
  const asked = kernels === undefined ? undefined : checkOneOf("kernels", kernels, ["auto", "simd", "relaxed"]);
  const saved = from?.checkpoint.kernels;
  if (saved !== undefined && asked !== undefined && asked !== "auto" && asked !== saved) {
    throw new UsageError(
      `--kernels is ${JSON.stringify(asked)}, and the run in ${out} has ${JSON.stringify(saved)}, which rounds differently; leave ` +
        "--kernels out, or begin another run with another --out",
    );
  }
  return saved ?? asked;
}

function begin(runtime: Runtime, { spec, from }: Run, task: PreparedRun["task"]): Trial {
  if (from === undefined) return startTrial(runtime, spec, task);
  const { checkpoint, file } = from;
  try {
    return startTrial(runtime, spec, task, checkpoint.state);
  } catch (error) {
    const isOfState = [ShapeError, InvalidOptionError, CheckpointMismatchError].some((Kind) => error instanceof Kind);
    throw isOfState
      ? new FormatError(file, 24, `a state of the network and the optimizer of its spec: ${(error as HeavyballError).message}`)
      : error;
  }
}
