import { join } from "node:path";
import { tryDirectory } from "../node/makeDirectory.js";
import { sweepDirectory } from "../node/sweepDirectory.js";
import { checkSweepFormat } from "../node/sweepFormat.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { askedCells } from "../studies/askedCells.js";
import type { StudyName } from "../studies/index.js";
import { checkRunStudyOptions, type RunStudyOptions } from "../studies/runStudyOptions.js";
import type { SweepStudy } from "../studies/study.js";
import { studyDirectory } from "../studies/studyRuns.js";
import { checkSweep } from "../sweeps/checkSweep.js";
import { refuseOtherData } from "../sweeps/givenData.js";
import type { RunSweepOptions, Sweep } from "../sweeps/index.js";
import { kernelsOf } from "../sweeps/runSweep.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import type { TaskSpec } from "../tasks/index.js";
import { chooseExecutor } from "./executorOptions.js";
import { type Given, studyOptions } from "./studyGiven.js";
import { filesFor, lackingFiles, requireTakers } from "./taskData.js";

/** Where trials are kept unless told otherwise. */
export const standardDirectory = "heavyball-runs";

/** A study of trials that can be run as it was asked for. */
export interface PreparedTrials {
  readonly study: SweepStudy;
  readonly name: StudyName;
  readonly spec: unknown;
  /** As its `check` takes them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly running: RunStudyOptions;
  /** The cells that are run. */
  readonly names: ReadonlySet<string>;
  /** Why others are not, a sentence for every task whose data are not there. */
  readonly leftOut: readonly string[];
  /** The directory of the trials, and that of the page. */
  readonly out: string;
  readonly directory: string;
  /** The server of the queue whose workers run them, where there is one. */
  readonly server?: string;
  readonly json: boolean;
}

/**
 * Looks at all that was asked for, so that every mistake is told before anything is said or run, and nothing is left behind. Throws
 * InvalidOptionError and UsageError for what cannot be, also for trials that were trained on other data; StoreError for directories that
 * cannot be written, or hold something else; FormatError for data that are damaged.
 */
export async function prepareTrials(study: SweepStudy, name: StudyName, given: Given): Promise<PreparedTrials> {
  const { only, data: path, out = standardDirectory } = given as { only?: string; data?: string; out?: string };
  const options = studyOptions(study, given);
  const spec = study.check(options);
  const { executor, server } = chooseExecutor("reproduce", given as { jobs?: number; threads?: number; queue?: string });
  const { "checkpoint-seconds": checkpointSeconds, kernels, keep, repair } = given;
  const checked = checkRunStudyOptions({ executor, store: sweepDirectory(out), only, checkpointSeconds, kernels, keep, repair });
  const variant = kernelsOf(checked as RunSweepOptions);
  const plan = study.plan(spec);
  const { trials } = plan;
  const { tasks } = askedCells(trials, only, () => true);
  const lacking = await lackingFiles(tasks, path);
  // Where nothing is left to run, that is what is wrong.
  if (tasks.every((task) => lacking.has(task.name))) await filesFor(tasks, path);
  const asked = askedCells(trials, only, (task) => !lacking.has(task.name));
  const data = await filesFor(asked.tasks, path);
  const directory = join(out, studyDirectory(name, options));
  await checkSweepFormat(out);
  if (data !== undefined) await refuseOtherFiles(plan, { data, tasks: asked.tasks, out, kernels: variant });
  tryDirectory(directory);
  return {
    study,
    name,
    spec,
    options,
    running: { ...checked, ...(data === undefined ? {} : { data }) },
    names: asked.names,
    leftOut: asked.leftOut.map((task) => lacking.get(task.name)!),
    out,
    directory,
    ...(server === undefined ? {} : { server: server.place }),
    json: given.json === true,
  };
}

/** Throws UsageError for a path of `--data` where no task of a study takes any. */
export function requireDataTakers(study: SweepStudy, given: Given): void {
  const { tasks } = askedCells(study.plan(study.check(studyOptions(study, given))).trials, undefined, () => true);
  requireTakers(tasks, given.data as string | undefined);
}

/** Of several studies that are to be run, the last may be the one whose trials were trained on other data. Throws InvalidOptionError. */
async function refuseOtherFiles(
  plan: Sweep,
  { data, tasks, out, kernels }: { data: DataFiles; tasks: readonly TaskSpec[]; out: string; kernels: KernelVariant },
): Promise<void> {
  const store = sweepDirectory(out);
  const { trials: found } = await store.list();
  await refuseOtherData(checkSweep(plan), { data, tasks, store, found, kernels });
}
