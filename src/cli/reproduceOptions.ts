import { wrap } from "../report/text/wrap.js";
import { studies, studyNamed, studyNames } from "../studies/index.js";
import type { Study } from "../studies/study.js";
import { executorOptions, storeOptions } from "./executorOptions.js";
import { describeOptions, type Options } from "./terminal/options.js";

/** Options that every study has. */
export const commonOptions = {
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text; after a name, the options of that study only" },
} as const satisfies Options;

const filesOption = {
  out: {
    kind: "text",
    value: "DIR",
    help:
      "directory for the numbers (JSON and CSV), the pictures (SVG) and\nreport.html, rewritten by every run (default\n" +
      "heavyball-runs/NAME)",
  },
} as const satisfies Options;

/** Options of studies that compute on networks. */
export const runtimeOptions = {
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  kernels: { kind: "text", value: "VARIANT", help: "variant of the kernels: simd, relaxed, wide or auto (default)" },
} as const satisfies Options;

/** Options of studies of trials. */
export const trialsOptions = {
  only: { kind: "text", value: "TEXT", help: 'run those cells alone whose names have every word of this,\nsuch as "curves nag"' },
  ...executorOptions,
  out: {
    kind: "text",
    value: "DIR",
    help:
      "directory of the trials of all studies, which share those that\nthey have in common (default heavyball-runs); the numbers and\n" +
      "report.html are written to DIR/NAME, and with other than the\nusual readings to a directory that names them, such as\n" +
      "DIR/table5-rates-mean",
  },
  keep: {
    kind: "text",
    value: "WHAT",
    help: "what stays of a trial that has ended: records (default), models,\nor all, with checkpoints",
  },
  ...storeOptions,
} as const satisfies Options;

/** Options by what they are called on the command line. */
export function ownOptions({ options }: Study): Options {
  return Object.fromEntries(Object.values(options).map(({ flag, ...option }) => [flag, option]));
}

/** Every option of a study. */
export function optionsOf(study: Study): Options {
  const running = study.kind === "sweep" ? trialsOptions : { ...(study.usesRuntime ? runtimeOptions : {}), ...filesOption };
  return { ...ownOptions(study), ...running, ...commonOptions };
}

/** Every option of all studies: only once the arguments are read is it known which study is meant. */
export const everyOption: Options = Object.assign({}, ...Object.values(studies).map((study: Study) => optionsOf(study)));

/** Options that every study of trials has, by what they are called: the budget. */
const everyBudget: Options = Object.values(studies)
  .filter((study: Study) => study.kind === "sweep")
  .map((study) => ownOptions(study))
  .reduce((shared, own) => Object.fromEntries(Object.entries(shared).filter(([flag]) => Object.hasOwn(own, flag))));

/** Defaults differ from study to study. */
const budgetHelp = "of the studies of trials: heavyball reproduce NAME --help has what\nit is, and its default";

/** Options of `heavyball reproduce all`. */
export const allOptions: Options = {
  ...Object.fromEntries(Object.entries(everyBudget).map(([flag, option]) => [flag, { ...option, help: budgetHelp }])),
  ...trialsOptions,
  ...commonOptions,
};

const WIDTH = 92;

export function allHelp(): string {
  return `heavyball reproduce all [options]

Runs every study, those that compute first, and writes DIR/index.html, which leads to all
pages that are there. With --only the studies of trials alone are run, those that have such
cells.

${describeOptions(allOptions)}
${trialsEnd}`;
}

export function studyHelp(study: Study): string {
  return `heavyball reproduce ${study.name} [options]

${study.title}

${wrap(study.description, WIDTH)}

${describeOptions(optionsOf(study))}
${study.kind === "sweep" ? trialsEnd : computationEnd}`;
}

const computationEnd = `
Exit code 1: a statement of the paper was not found to hold. Ctrl-C stops and writes nothing.
`;

const trialsEnd = `
Trials that are in DIR are not run again: the same command goes on with what was stopped, and
other options run what is new. Ctrl-C stops the trials with checkpoints and writes what there
is. Exit code 1: trials failed; one that diverges is a result.
`;

/** `heavyball reproduce --help`: every study with its options. */
export function reproduceHelp(): string {
  const all = studyNames.map(studyNamed);
  const widest = Math.max(...studyNames.map((name) => name.length));
  const named = (test: (study: Study) => boolean): string =>
    all
      .filter(test)
      .map(({ name }) => name)
      .join(", ");
  return `heavyball reproduce NAME [options]

Computes a table, a figure or a statement of the paper anew and leaves its numbers, pictures
and a page:

${all.map(({ name, title }) => `  ${name.padEnd(widest)}  ${title}`).join("\n")}
  ${"all".padEnd(widest)}  every one of them, and a page that leads to theirs

${all.map((study) => `${study.name} only:\n\n${describeOptions(ownOptions(study))}\n`).join("\n")}
Studies of trials (${named(({ kind }) => kind === "sweep")}):

${describeOptions(trialsOptions)}
${trialsEnd}
Studies that compute (${named(({ kind }) => kind === "computation")}):

${describeOptions(filesOption)}

those on networks (${named((study) => study.kind === "computation" && study.usesRuntime)}):

${describeOptions(runtimeOptions)}
${computationEnd}
All:

${describeOptions(commonOptions)}
`;
}
