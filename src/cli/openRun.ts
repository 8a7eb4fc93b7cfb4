import { CheckpointFiles, type FoundCheckpoint } from "../node/checkpointFiles.js";
import { RunDirectory } from "../node/runDirectory.js";
import { checkSameTrial } from "../trials/checkpoint.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { requireSameTrial } from "./sameTrial.js";
import { UsageError } from "./terminal/options.js";
import { refusal } from "./trainOptions.js";
import { readSpec, type TrainValues, trainSpec } from "./trainSpec.js";

/** What `heavyball train` is to do: a trial, and what there is of it already. Nothing is on disk yet of a new one. */
export interface Run {
  readonly spec: TrialSpec;
  /** The directory of a run that was begun, which no other process writes until it is closed. */
  readonly begun?: RunDirectory;
  /** Where the files of a new run go; undefined when there are to be none. */
  readonly out?: string;
  readonly checkpoints?: CheckpointFiles;
  /** Where to go on. */
  readonly from?: FoundCheckpoint;
}

/** Options that a resumed run may be given; the others are those of its spec. */
const resumable = ["out", "resume", "json", "threads", "kernels", "checkpoint-seconds", "figure3"];

/**
 * The run in the directory of `--out`. Without a word the trial is the one in the directory. With one, the same command line may be given
 * again and again: it begins the run or goes on with it, and is refused when the directory holds another trial. Changes nothing. Throws
 * UsageError, FormatError, CheckpointMismatchError.
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
    return { spec: given, out };
  }
  try {
    const spec = checkTrialSpec(readSpec(directory.file("spec.json")));
    if (given !== undefined) requireSameTrial(spec, given, Object.keys(values), out);
    const refused = refusal(spec.task.name, spec.optimizer.method, Object.keys(values));
    if (refused !== undefined) throw new UsageError(refused);
    const checkpoints = new CheckpointFiles(out);
    const from = await checkpoints.load();
    if (from !== undefined) checkSameTrial(from.checkpoint.spec, spec);
    return { spec, begun: directory, checkpoints, ...(from === undefined ? {} : { from }) };
  } catch (error) {
    directory.close();
    throw error;
  }
}

/**
 * Begins a new run on disk, or cuts the reports of one that goes on back to its checkpoint: the first change, made when nothing is left
 * that can be wrong with the command.
 */
export async function openFiles({ spec, begun, out, checkpoints, from }: Run): Promise<RunFiles | undefined> {
  if (begun !== undefined) {
    await begun.setReports(from?.checkpoint.reports ?? []);
    return { directory: begun, checkpoints: checkpoints!, isNew: false };
  }
  if (out === undefined) return undefined;
  const directory = RunDirectory.create(out);
  try {
    await directory.write("spec.json", `${JSON.stringify(spec, null, 2)}\n`);
    return { directory, checkpoints: new CheckpointFiles(out), isNew: true };
  } catch (error) {
    directory.discard();
    throw error;
  }
}

/** Where a run leaves what it makes. */
export interface RunFiles {
  readonly directory: RunDirectory;
  readonly checkpoints: CheckpointFiles;
  readonly isNew: boolean;
}
