import * as registry from "./registry.js";
import type { OptionsOf, Study } from "./study.js";

export type {
  Computation,
  Rendering,
  Study,
  StudyFacts,
  StudyOption,
  StudyOptions,
  StudyProgress,
  SweepStudy,
  SweepStudyResult,
} from "./study.js";

type Registry = typeof registry;

/** Every study by its name. */
export type Studies = { readonly [Name in keyof Registry]: Registry[Name] };

/**
 * All studies by their names: tables, figures and statements of the paper, each with its options, what it computes and how it is shown.
 * `runStudy` runs one.
 */
export const studies: Studies = registry satisfies Readonly<Record<string, Study>>;

/** The name of a study. */
export type StudyName = keyof typeof studies;

/** The options of a study, all of which may be left out. */
export type StudyOptionsOf<Name extends StudyName> = { [N in Name]: OptionsOf<(typeof studies)[N]["options"]> }[Name];

/** What a study finds, as plain data. */
export type StudyResultOf<Name extends StudyName> = Parameters<(typeof studies)[Name]["render"]>[0];

export const studyNames = Object.keys(studies) as readonly StudyName[];

/** A study of whatever name. */
export function studyNamed(name: StudyName): Study {
  return studies[name];
}
