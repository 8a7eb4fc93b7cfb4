import { createRuntime, type Runtime } from "../createRuntime.js";
import { formatCount } from "../report/text/format.js";
import { inlineExecutor } from "../sweeps/inlineExecutor.js";
import { memorySweepStore } from "../sweeps/memorySweepStore.js";
import { runSweep } from "../sweeps/runSweep.js";
import type { SweepPart } from "../sweeps/sweep.js";
import { kindOf, type TaskName, type TaskSpec } from "../tasks/index.js";
import { askedCells } from "./askedCells.js";
import { lackingData } from "./lackingData.js";
import type { RunStudyOptions } from "./runStudyOptions.js";
import type { SweepStudy, SweepStudyResult } from "./study.js";

/** What was run of a study of trials, and what was not. */
export interface SweptStudy {
  /** Whether every trial of the study that had to be run has been, those that were not asked for included. */
  readonly isComplete: boolean;
  /** Whether the signal ended it before all was done that was asked for. */
  readonly isStopped: boolean;
  /** Tasks that were left out for want of data. */
  readonly leftOut: readonly TaskName[];
  /** Why trials failed, or are damaged, a sentence each. */
  readonly failures: readonly string[];
  /** A sentence for everything else that was not as it should be. */
  readonly troubles: readonly string[];
}

/**
 * Runs the trials of a study that are asked for and not there yet, and reads what there is of all. Cells whose data are not there are left
 * out; throws InvalidOptionError where these are all that were asked for.
 */
export async function runSweepStudy(
  study: SweepStudy,
  spec: unknown,
  options: RunStudyOptions,
): Promise<SweptStudy & { readonly result: SweepStudyResult }> {
  const { store = memorySweepStore(), data, kernels = "auto", keep = "records", only, onProgress } = options;
  const plan = study.plan(spec);
  const asked = askedCells(plan.trials, only, () => true);
  const lacking = await lackingData(asked.tasks, data);
  const { names, leftOut } = askedCells(plan.trials, only, ({ name }) => !lacking.has(name));
  if (names.size === 0) throw lacking.get(leftOut[0].name);
  let own: Runtime | undefined;
  if (options.executor === undefined && options.runtime === undefined) own = await createRuntime({ kernels });
  try {
    const swept = await runSweep(plan, {
      executor: options.executor ?? inlineExecutor((options.runtime ?? own)!),
      store,
      kernels,
      keep,
      // A sweep refuses data that none of its tasks takes; one of several studies may be given them all the same.
      ...(data === undefined || !plan.trials.some(takesData) ? {} : { data }),
      ...pick(options, ["repair", "checkpointSeconds", "signal", "onRow", "onTrouble"]),
      onlyParts: (part) => names.has(part),
      onProgress(progress) {
        const { done, total } = progress;
        onProgress?.({
          share: total === 0 ? 1 : done / total,
          detail: `${formatCount(done)} of ${formatCount(total)} trials`,
          sweep: progress,
        });
      },
    });
    const result = study.read(spec, swept);
    const failures = swept.rows.flatMap(({ key, part, failure }) =>
      failure === undefined ? [] : [`${part} (${key.slice(0, 12)}): ${failure.message}`],
    );
    const { isStopped, troubles } = swept;
    return { result, isComplete: result.isComplete, isStopped, leftOut: leftOut.map(({ name }) => name), failures, troubles };
  } finally {
    await own?.dispose();
  }
}

function takesData({ trial }: SweepPart): boolean {
  return kindOf(trial.task as TaskSpec).files !== undefined;
}

/** The members of these names that are given. */
function pick<T extends object, Name extends keyof T>(from: T, picked: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(picked.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]]))) as Pick<T, Name>;
}
