import { InvalidOptionError } from "../errors.js";
import { bestVariant } from "../runtime/embeddedKernels.js";
import { type KernelVariant, numericsOf } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { kindOf, type TaskSpec } from "../tasks/index.js";
import { withRoomIn } from "../trials/noRoom.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { checkSweep } from "./checkSweep.js";
import { refuseOtherData } from "./givenData.js";
import { otherData } from "./otherData.js";
import { requireAsked } from "./requireAsked.js";
import { checkRunSweepOptions, type RunSweepOptions } from "./runSweepOptions.js";
import type { Sweep } from "./sweep.js";
import { makesItself, namesOf, tasksOf } from "./sweepOutline.js";
import { SweepPace, sizeOfSweep } from "./sweepPace.js";
import type { SweepResult } from "./sweepResult.js";
import { SweepRun } from "./sweepRun.js";
import type { StoredTrials } from "./sweepStore.js";
import { type WalkedSweep, walkSweep } from "./walkSweep.js";

/**
 * Runs the trials of a sweep that are not in its store yet, and gives what came of all. A trial that diverges is a result; one that fails
 * otherwise is kept as failed with its sentence, the others go on, and the next run of the sweep tries it again. Whatever interrupts it,
 * the same call goes on: finished trials are found, others go on from their last checkpoints, to the same bits.
 *
 * @throws InvalidSweepError with all mistakes of the sweep, InvalidOptionError, also for other data than those on which its trials in the
 * store were trained, before anything is run; StoreError for a store that is busy or cannot be written, and, of trouble "full", as soon as
 * its disk is: trials that run are stopped, and keep their last checkpoints; the system's error where not even a failure can be kept; the
 * executor's, as soon as it can run no trial any more. What was finished is there
 */
export async function runSweep(sweep: Sweep, options: RunSweepOptions): Promise<SweepResult> {
  checkRunSweepOptions(options);
  const checked = checkSweep(sweep);
  const takers = checkData(checked, options);
  const kernels = kernelsOf(options);
  await requireAsked(checked, kernels, options);
  const { checkpointSeconds = 30, keep = "all", data, signal } = options;
  const troubles: string[] = [];
  const tell = (sentence: string): void => {
    // What is wrong with a machine each of its processes tells.
    if (troubles.includes(sentence)) return;
    troubles.push(sentence);
    options.onTrouble?.(sentence);
  };
  const store = await withRoomIn(options.store.place, () => options.store.open());
  try {
    const { trials: found, troubles: listed } = await store.list();
    for (const sentence of [...listed, ...otherVersions(found, store.place)]) tell(sentence);
    await refuseOtherData(checked, { data, tasks: takers, store, found, kernels, signal });
    const pace = new SweepPace(checked, options.onlyParts);
    const wide = options.kernels === "wide";
    const executor = await options.executor.open({ store, kernels, wide, data, checkpointSeconds, keep, signal });
    const run = new SweepRun({ store, executor, kernels, options, pace, found, tell });
    let made: WalkedSweep;
    try {
      made = await walkSweep(checked, run, executor.jobs);
    } finally {
      await executor.close();
    }
    run.finish();
    for (const sentence of otherData(made.rows)) tell(sentence);
    const pilot = checked.pilot === undefined ? {} : { pilot: checked.pilot };
    return { kernels, place: store.place, total: sizeOfSweep(checked).total, ...made, ...pilot, isStopped: run.isStopped, troubles };
  } finally {
    await store.close();
  }
}

/** Whose numbers are computed. */
export function kernelsOf({ kernels = "auto", executor }: Pick<RunSweepOptions, "kernels" | "executor">): KernelVariant {
  if (kernels === "auto") return executor.kernels ?? bestVariant();
  const variant = numericsOf(kernels);
  if (executor.kernels !== undefined && executor.kernels !== variant)
    throw new InvalidOptionError("kernels", kernels, `"${executor.kernels}", which the executor has`);
  return variant;
}

/** Better told before the first trial than by each. The tasks that are to be run and take data. */
function checkData({ parts }: CheckedSweep, { data, onlyParts = () => true }: RunSweepOptions): TaskSpec[] {
  const takes = (task: TaskSpec): boolean => kindOf(task).files !== undefined;
  const all = tasksOf(parts);
  // Those of other parts too: what is there for them is not given in vain.
  if (data !== undefined && !all.some(takes)) throw new InvalidOptionError("data", data, `left out: ${namesOf(all)} ${makesItself(all)}`);
  const asked = tasksOf(parts.filter(({ name }) => onlyParts(name))).filter(takes);
  if (data === undefined && asked.length > 0) {
    const [{ name }] = asked;
    throw new InvalidOptionError("data", data, `given: ${name} takes ${kindOf({ name }).files!.wanted}`);
  }
  return asked;
}

/** Trials of another numerics version have other keys, and are no part of a sweep of this one. */
function otherVersions(found: StoredTrials["trials"], place: string): string[] {
  const others = [...found.values()].filter((trial) => trial.state === "ended" && trial.record.numerics !== NUMERICS_VERSION).length;
  if (others === 0) return [];
  const what = others === 1 ? "a record of another numerics version" : `${others} records of other numerics versions`;
  return [`${place} holds ${what} than this one's ${NUMERICS_VERSION}; they stay, and their trials are run anew beside them`];
}
