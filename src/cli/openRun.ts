import type { FormatError } from "../errors.js";
import { type Checkpoint, checkSameTrial } from "../trials/checkpoint.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { CheckpointFiles } from "./checkpointFiles.js";
import { UsageError } from "./options.js";
import { RunDirectory } from "./runDirectory.js";
import { requireSameTrial } from "./sameTrial.js";
import { refusal } from "./trainOptions.js";
import { readSpec, trainSpec, type TrainValues } from "./trainSpec.js";

/** What `heavyball train` is to do: a trial, and what there is of it already. */
export interface Run {
  readonly spec: TrialSpec;
  readonly directory?: RunDirectory;
  readonly checkpoints?: CheckpointFiles;
  /** Where to go on. */
  readonly from?: Checkpoint;
  /** What was wrong with a newer checkpoint, when `from` is its predecessor. */
  readonly damaged?: FormatError;
}

/** Options that a resumed run may be given; the others are those of its spec. */
const resumable = ["out", "resume", "json", "threads", "kernels", "checkpoint-seconds", "figure3"];

/** A new run, which leaves its files in `out` if that is given. Throws UsageError when `out` holds a run already. */
export async function createRun(spec: TrialSpec, out: string | undefined): Promise<Run> {
  if (out === undefined) return { spec };
  const directory = RunDirectory.create(out);
  await directory.write("spec.json", `${JSON.stringify(spec, null, 2)}\n`);
  return { spec, directory, checkpoints: new CheckpointFiles(out) };
}

/**
 * The run in the directory of `--out`. Without a word the trial is the one in the directory. With one, the same command line may be given again and again: it begins the run or goes on
 * with it, and is refused when the directory holds another trial. Throws UsageError, FormatError, CheckpointMismatchError.
 */
export async function resumeRun(word: string | undefined, values: TrainValues): Promise<Run> {
  const { out } = values;
  const given = word === undefined ? undefined : trainSpec(word, values);
  if (out === undefined) throw new UsageError("--resume goes on with the run in a directory: say which with --out DIR");
  if (word === undefined) {
    const other = Object.keys(values).find((name) => !resumable.includes(name));
    if (other !== undefined) throw new UsageError(`--${other} cannot be given with --resume alone: the run in ${out} has its spec`);
  }
  const directory = RunDirectory.open(out);
  if (directory === undefined) {
    if (given === undefined) throw new UsageError(`${out} holds no run to go on with: it has no spec.json`);
    return createRun(given, out);
  }
  const spec = checkTrialSpec(readSpec(directory.file("spec.json")));
  if (given !== undefined) requireSameTrial(spec, given, Object.keys(values), out);
  const refused = refusal(spec.task.name, spec.optimizer.method, Object.keys(values));
  if (refused !== undefined) throw new UsageError(refused);
  const checkpoints = new CheckpointFiles(out);
  const found = await checkpoints.load();
  if (found !== undefined) checkSameTrial(found.checkpoint.spec, spec);
  await directory.setReports(found?.checkpoint.reports ?? []);
  return { spec, directory, checkpoints, ...(found === undefined ? {} : { from: found.checkpoint, damaged: found.damaged }) };
}
