import type { Study } from "../studies/study.js";

/** What was given on the command line, by option. */
export type Given = Readonly<Record<string, number | string | true | undefined>>;

/** The options of a study as its `check` takes them. */
export function studyOptions({ options }: Study, given: Given): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).map(([name, { flag }]) => [name, given[flag]]));
}
