import { Breath } from "../breath.js";
import { createRuntime, type Runtime } from "../createRuntime.js";
import { AbortedError } from "../errors.js";
import { checkOneOf } from "../validate.js";
import { type StudyName, type StudyOptionsOf, type StudyResultOf, studyNamed, studyNames } from "./index.js";
import { checkRunStudyOptions, type RunStudyOptions } from "./runStudyOptions.js";
import { runSweepStudy, type SweptStudy } from "./runSweepStudy.js";
import type { Computation } from "./study.js";

/** What came of a study. */
export interface StudyOutcome<Name extends StudyName = StudyName> {
  readonly name: Name;
  /**
   * Plain data, the spec of the study with it: of a computation the same for the same spec and kernel variant; of a study of trials apart
   * from times and facts about the machine.
   */
  readonly result: StudyResultOf<Name>;
  /** Whether every statement that the study tests was found to hold; true for a study that tests none. */
  readonly holds: boolean;
  /** Of a study of trials: what was run of them, and what was not. */
  readonly trials?: SweptStudy;
}

/**
 * Runs a study of the paper to its end, giving the host its turn every some tens of milliseconds.
 *
 *     const { result } = await runStudy("figure5", { fraction: 0.01 }, { onProgress: ({ share, detail }) => console.log(share, detail) });
 *
 * A study of trials runs those that are not in its store yet: whatever interrupts it, the same call goes on.
 *
 *     await runStudy("table3", { fraction: 0.004 }, { executor: localExecutor(), store: sweepDirectory("heavyball-runs") });
 *
 * @throws InvalidOptionError for a name or an option that does not exist, or a value that it cannot have
 * @throws AbortedError when the signal asks a computation to stop
 * @throws DivergedError, OutOfMemoryError where a computation's networks do; StoreError for a store that is busy or cannot be written
 */
export async function runStudy<Name extends StudyName>(
  name: Name,
  options?: StudyOptionsOf<Name>,
  running?: RunStudyOptions,
): Promise<StudyOutcome<Name>> {
  const study = studyNamed(checkOneOf("study", name, studyNames));
  const spec = study.check(options === undefined ? {} : options);
  const checked = checkRunStudyOptions(running === undefined ? {} : running);
  if (study.kind === "computation") {
    const result = await compute(study, spec, checked);
    return { name, result: result as StudyResultOf<Name>, holds: study.holds?.(result) ?? true };
  }
  const { result, ...trials } = await runSweepStudy(study, spec, checked);
  return { name, result: result as StudyResultOf<Name>, holds: true, trials };
}

async function compute(study: Computation, spec: unknown, { runtime, signal, onProgress }: RunStudyOptions): Promise<unknown> {
  const own = study.usesRuntime && runtime === undefined ? await createRuntime() : undefined;
  try {
    return await finish(study, spec, runtime ?? own, signal, onProgress);
  } finally {
    await own?.dispose();
  }
}

async function finish(
  study: Computation,
  spec: unknown,
  runtime: Runtime | undefined,
  signal: AbortSignal | undefined,
  onProgress: RunStudyOptions["onProgress"],
): Promise<unknown> {
  const work = study.run(runtime, spec);
  const breath = new Breath();
  try {
    for (;;) {
      if (signal?.aborted) throw new AbortedError();
      const next = work.next();
      if (next.done) return next.value;
      await onProgress?.(next.value);
      if (breath.isDue) await breath.take();
    }
  } finally {
    // Work that is left early gives back what it holds.
    work.return(undefined);
  }
}
