import { isArray, isRecord } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { canonicalJson } from "../sweeps/trialKey.js";
import { checkKnownOptions, checkOneOf } from "../validate.js";
import { type StudyName, studyNamed, studyNames } from "./index.js";
import { readingsOf } from "./renderStudy.js";

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
  /** The name of their directory: the study's, and of readings that came later what they are with it: "table5-rates-mean". */
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
  const named = new Set<StudyName>();
  return [...groups.values()].map((own): StudyGroup => {
    const [{ study }] = own;
    const directory = named.has(study) ? directoryOf(own[0]) : study;
    named.add(study);
    return { study, directory, runs: own };
  });
}

function specOf({ study, options }: StudyRun): object {
  return studyNamed(study).check(options) as object;
}

function identityOf(run: StudyRun): string {
  return canonicalJson({ kernels: run.kernels, spec: specOf(run) });
}

function directoryOf(run: StudyRun): string {
  const study = studyNamed(run.study);
  const values = specOf(run) as Readonly<Record<string, unknown>>;
  const usual = JSON.parse(readingsOf(study.check({}) as object)) as Readonly<Record<string, unknown>>;
  const own = JSON.parse(readingsOf(values)) as Readonly<Record<string, unknown>>;
  const others = Object.entries(study.options).filter(([name]) => own[name] !== usual[name]);
  return [run.study, ...others.map(([name, { flag }]) => `${flag}-${String(own[name])}`)].join("-");
}
