import type { Study } from "../studies/study.js";

/** What was given on the command line, by option. */
export type Given = Readonly<Record<string, number | string | true | undefined>>;

/** What came of a study on the command line. */
export interface Reproduced {
  readonly exitCode: number;
  /** Title and first paragraph of its page, and where it was written; none where nothing was. */
  readonly page?: { readonly title: string; readonly lead: string; readonly path: string };
}

/** The options of a study as its `check` takes them. */
export function studyOptions({ options }: Study, given: Given): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).map(([name, { flag }]) => [name, given[flag]]));
}
