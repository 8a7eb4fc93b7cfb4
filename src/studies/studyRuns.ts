import { isArray, isRecord } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { canonicalJson } from "../sweeps/trialKey.js";
import { checkKnownOptions, checkOneOf } from "../validate.js";
import { type StudyName, studyNamed, studyNames } from "./index.js";
import { readingsOf } from "./renderStudy.js";
import type { Study } from "./study.js";

/** The file of a store that says which studies were asked for in it, and how: what their pages can be made from again. */
export const studyRunsName = "studies.json";

/** A study of trials as it was asked for. */
export interface StudyRun {
  readonly study: StudyName;
  readonly kernels: KernelVariant;
  /** As the study's `check` takes them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Runs of one study that differ in their budgets alone, which one page shows. */
export interface StudyGroup {
  readonly study: StudyName;
  /** The name of their directory, `studyDirectory` of each. */
  readonly directory: string;
  readonly runs: readonly StudyRun[];
}

/** Reads the file. Throws FormatError that names it, also for studies and options that this version does not have. */
export function parseStudyRuns(text: string, file: string): StudyRun[] {
  const expected = "a list of studies, each { study, kernels, options }";
  let list: unknown;
  try {
    list = parseBoundedJson(text);
  } catch (error) {
    throw new FormatError(file, 0, `${expected}: ${(error as Error).message}`);
  }
  if (!isArray(list)) throw new FormatError(file, 0, expected);
  return list.map((entry, at) => {
    try {
      return checkStudyRun(entry);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      throw new FormatError(file, 0, `${expected}; entry ${at + 1}: ${error.message}`);
    }
  });
}

function checkStudyRun(entry: unknown): StudyRun {
  if (!isRecord(entry)) throw new InvalidOptionError("entry", entry, "an object");
  checkKnownOptions("the entry", entry, ["study", "kernels", "options"]);
  const study = checkOneOf("study", entry.study, studyNames);
  const kernels = checkOneOf("kernels", entry.kernels, ["simd", "relaxed"] as const);
  const { kind } = studyNamed(study);
  if (kind !== "sweep") throw new InvalidOptionError("study", study, "a study of trials");
  studyNamed(study).check(entry.options);
  return { study, kernels, options: entry.options as StudyRun["options"] };
}

/** With one more, where it is not among them. */
export function withStudyRun(runs: readonly StudyRun[], run: StudyRun): readonly StudyRun[] {
  const identity = identityOf(run);
  return runs.some((one) => identityOf(one) === identity) ? runs : [...runs, run];
}

export function studyRunsText(runs: readonly StudyRun[]): string {
  return `[\n${runs.map((run) => `  ${JSON.stringify(run)}`).join(",\n")}\n]\n`;
}

/** By study and readings, in the order in which they come first. */
export function groupStudyRuns(runs: readonly StudyRun[]): StudyGroup[] {
  const groups = new Map<string, StudyRun[]>();
  for (const run of runs) {
    const identity = canonicalJson([run.study, readingsOf(specOf(run))]);
    groups.set(identity, [...(groups.get(identity) ?? []), run]);
  }
  return [...groups.values()].map((own): StudyGroup => {
    const [{ study, options }] = own;
    return { study, directory: studyDirectory(study, options), runs: own };
  });
}

/**
 * The directory of a study's page, in that of its trials: the study's name, and of readings that are not the usual ones what they are with
 * it: "table5-rates-mean". So no page of one reading ever takes the place of another's, whichever was asked for first.
 */
export function studyDirectory(name: StudyName, options: StudyRun["options"]): string {
  const study: Study = studyNamed(name);
  const readings = (given: unknown) => JSON.parse(readingsOf(study.check(given) as object)) as Readonly<Record<string, unknown>>;
  const [own, usual] = [readings(options), readings({})];
  const others = Object.entries(study.options).filter(([option]) => own[option] !== usual[option]);
  return [name, ...others.map(([option, { flag }]) => `${flag}-${String(own[option])}`)].join("-");
}

function specOf({ study, options }: Pick<StudyRun, "study" | "options">): object {
  return studyNamed(study).check(options) as object;
}

function identityOf(run: StudyRun): string {
  return canonicalJson({ kernels: run.kernels, spec: specOf(run) });
}
