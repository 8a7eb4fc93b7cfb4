import { isArray, isRecord } from "../boundary/realm.js";
import { Breath } from "../breath.js";
import { createRuntime, type Runtime } from "../createRuntime.js";
import { AbortedError, InvalidOptionError } from "../errors.js";
import { htmlPage } from "../report/page/page.js";
import { checkKnownOptions, checkObject, checkOneOf, checkSignal } from "../validate.js";
import { type StudyName, type StudyOptionsOf, type StudyResultOf, studyNamed, studyNames } from "./index.js";
import type { Rendering, Study, StudyFacts, StudyProgress } from "./study.js";

export interface RunStudyOptions {
  /** Where the study's networks live. Default: one made for the run, where the study uses one, and disposed of after it. */
  runtime?: Runtime;
  /** Looked at between two slices of the work. */
  signal?: AbortSignal;
  /** Called after every slice. */
  onProgress?: (progress: StudyProgress) => unknown;
}

/** What came of a study. */
export interface StudyOutcome<Name extends StudyName = StudyName> {
  readonly name: Name;
  /** Plain data, the spec of the study with it: the same for the same spec and kernel variant. */
  readonly result: StudyResultOf<Name>;
  /** Whether every statement that the study tests was found to hold; true for a study that tests none. */
  readonly holds: boolean;
}

/**
 * Runs a study of the paper to its end, giving the host its turn every some tens of milliseconds.
 *
 *     const { result } = await runStudy("figure5", { fraction: 0.01 }, { onProgress: ({ share, detail }) => console.log(share, detail) });
 *
 * @throws InvalidOptionError for a name or an option that does not exist, or a value that it cannot have
 * @throws AbortedError when the signal asks to stop
 * @throws DivergedError, OutOfMemoryError where a study's networks do
 */
export async function runStudy<Name extends StudyName>(
  name: Name,
  options?: StudyOptionsOf<Name>,
  running?: RunStudyOptions,
): Promise<StudyOutcome<Name>> {
  const study = studyNamed(checkOneOf("study", name, studyNames));
  const spec = study.check(options === undefined ? {} : options);
  const { runtime, signal, onProgress } = checkRunning(running === undefined ? {} : running);
  const own = study.usesRuntime && runtime === undefined ? await createRuntime() : undefined;
  try {
    const result = await finish(study.run(runtime ?? own, spec), signal, onProgress);
    return { name, result: result as StudyResultOf<Name>, holds: study.holds?.(result) ?? true };
  } finally {
    await own?.dispose();
  }
}

function checkRunning(running: unknown): RunStudyOptions {
  const given = checkObject("options of runStudy", running);
  checkKnownOptions("runStudy", given, ["runtime", "signal", "onProgress"]);
  const { runtime, signal, onProgress } = given as RunStudyOptions;
  if (runtime !== undefined && typeof (runtime as Partial<Runtime> | null)?.network !== "function")
    throw new InvalidOptionError("runtime", runtime, "a runtime, or left out");
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw new InvalidOptionError("onProgress", onProgress, "a function, or left out");
  return { runtime, signal: checkSignal("signal", signal), onProgress };
}

async function finish(
  work: ReturnType<Study["run"]>,
  signal: AbortSignal | undefined,
  onProgress: RunStudyOptions["onProgress"],
): Promise<unknown> {
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

const NO_FACTS: StudyFacts = { facts: [], footer: "Made by heavyball." };

/**
 * An outcome for people: a page, all files by their names (the result as JSON, the study's own, and the page as report.html), and lines for
 * a terminal. `facts` are shown on the page.
 *
 * @throws InvalidOptionError for what is no outcome of `runStudy`, and for other facts
 */
export function renderStudy<Name extends StudyName>(outcome: StudyOutcome<Name>, facts: StudyFacts = NO_FACTS): Rendering {
  const { name, result } = checkOutcome(outcome);
  checkFacts(facts);
  const { page, files, summary } = studyNamed(name).render(result, facts);
  return { page, files: { [`${name}.json`]: `${JSON.stringify(result, null, 2)}\n`, ...files, "report.html": htmlPage(page) }, summary };
}

function checkOutcome<Name extends StudyName>(outcome: StudyOutcome<Name>): StudyOutcome<Name> {
  const given = checkObject("outcome", outcome);
  const name = checkOneOf("outcome.name", given.name, studyNames);
  const { spec } = checkObject("outcome.result", given.result);
  if (isRecord(spec) && spec.study === name) return outcome;
  throw new InvalidOptionError("outcome.result", given.result, `what runStudy found for ${JSON.stringify(name)}`);
}

function checkFacts(facts: unknown): void {
  const { facts: list, footer } = checkObject("facts", facts);
  if (!isArray(list) || !list.every((fact) => isArray(fact) && fact.every((word) => typeof word === "string")))
    throw new InvalidOptionError("facts.facts", list, "a list of names and values, [string, string][]");
  if (typeof footer !== "string") throw new InvalidOptionError("facts.footer", footer, "text");
}
