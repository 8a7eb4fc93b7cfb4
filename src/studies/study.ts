import type { Runtime } from "../createRuntime.js";
import type { Page } from "../report/page/page.js";
import type { SweepProgress } from "../sweeps/runSweepOptions.js";
import type { Sweep, SweepPart } from "../sweeps/sweep.js";
import type { SweepResult } from "../sweeps/sweepResult.js";
import type { Report } from "../trials/report.js";
import { checkKnownOptions, checkObject, orDefault } from "../validate.js";

/**
 * A table, a figure or a statement of the paper: a small computation, or a sweep of trials, and a page and files that show what came of it
 * beside the paper's numbers. A study is a folder here and a line in the registry (registry.ts); nothing else knows it by name.
 */
export type Study = Computation | SweepStudy;

/** What both kinds of study have. */
export interface StudyFace<Spec = unknown, Result = unknown> {
  /** The same as its name in the registry. */
  readonly name: string;
  readonly title: string;
  /** What it computes, in a paragraph. */
  readonly description: string;
  readonly options: StudyOptions;
  /** Numbers that the paper prints, as data. */
  readonly paper?: Readonly<Record<string, unknown>>;

  /** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
  check(options?: unknown): Spec;

  /** What a run will do, in lines for the terminal. */
  announce(spec: Spec): readonly string[];

  /** A page and files that show a result beside the paper's numbers. */
  render(result: Result, facts: StudyFacts): Rendering;
}

/** A study that computes what it shows: options in, plain data out. */
export interface Computation<Spec = unknown, Result = unknown, Progress extends StudyProgress = StudyProgress>
  extends StudyFace<Spec, Result> {
  readonly kind: "computation";
  /** Whether it runs on networks, and so on a runtime; others compute in f64 without one. */
  readonly usesRuntime: boolean;

  /**
   * The computation, in slices of some tens of milliseconds. It may be left at any yield, by `return()`, and then holds nothing of the
   * runtime's. The result is plain data: the same for the same spec and kernel variant, whatever the team.
   */
  run(runtime: Runtime | undefined, spec: Spec): Generator<Progress, Result, void>;

  /** For a study that tests statements: whether all of them were found to hold. */
  holds?(result: Result): boolean;
}

/** A study whose numbers come from many trials, which are kept, so that it can be stopped, gone on with and extended. */
export interface SweepStudy<Spec = unknown, Result extends SweepStudyResult = SweepStudyResult> extends StudyFace<Spec, Result> {
  readonly kind: "sweep";

  /** The trials: a part for every cell of the table, of which each has a name of its own. */
  plan(spec: Spec): Sweep & { readonly trials: readonly SweepPart[] };

  /** What came of the trials, as plain data; some of them may not be there yet. */
  read(spec: Spec, swept: SweepResult): Result;

  /** Results that differ in their budgets alone on one page: every number at the largest budget that it has. */
  renderTogether(results: readonly Result[], facts: StudyFacts): Rendering;
}

/** What every study of trials finds. */
export interface SweepStudyResult {
  /** Whether every trial that had to be run has been. */
  readonly isComplete: boolean;
}

/** How far a study has come. */
export interface StudyProgress {
  /** Share of the whole that is done, from 0 to 1. It never falls. */
  readonly share: number;
  /** What it is at, in a few words. */
  readonly detail: string;
  /** What a trial of the study has just reported. */
  readonly report?: Report;
  /** Of a study of trials: how far the whole of them has come. */
  readonly sweep?: SweepProgress;
}

/** What a page says besides the result: facts about the machine and the run, by name, and its last line. */
export interface StudyFacts {
  readonly facts: readonly (readonly [string, string])[];
  readonly footer: string;
}

/** A result for people. */
export interface Rendering {
  readonly page: Page;
  /** Contents of files by their names: numbers as CSV, pictures as SVG. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines for the terminal. */
  readonly summary: readonly string[];
}

/** An option of a study: how it is typed on a command line, explained, and checked. */
export interface StudyOption<Value = unknown> {
  /** Its name on the command line, without the dashes. */
  readonly flag: string;
  readonly kind: "number" | "text" | "flag";
  /** Stands for the value in the help, e.g. "N". */
  readonly value?: string;
  readonly help: string;
  /** What it is where it is left out. */
  readonly standard: Value;
  /** Returns the value, or throws an InvalidOptionError that names `option`. */
  check(option: string, value: unknown): Value;
}

/** The options of a study by their names. */
export type StudyOptions = Readonly<Record<string, StudyOption>>;

/** The options that a table describes, as a caller gives them. */
export type OptionsOf<Table extends StudyOptions> = { -readonly [Name in keyof Table]?: ReturnType<Table[Name]["check"]> };

/** The same after `checkStudyOptions`. */
export type ValuesOf<Table extends StudyOptions> = { readonly [Name in keyof Table]: ReturnType<Table[Name]["check"]> };

/** Checks every option by its table and fills in what is left out. Throws InvalidOptionError, also for options that nobody reads. */
export function checkStudyOptions<Table extends StudyOptions>(study: string, table: Table, options: unknown): ValuesOf<Table> {
  const given = checkObject(`options of ${study}`, options);
  checkKnownOptions(study, given, Object.keys(table));
  const values = Object.entries(table).map(([name, { standard, check }]) => [name, check(name, orDefault(given[name], standard))]);
  return Object.fromEntries(values) as ValuesOf<Table>;
}
