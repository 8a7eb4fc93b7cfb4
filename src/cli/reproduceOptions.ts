import { wrap } from "../report/text/wrap.js";
import { studies, studyNamed, studyNames } from "../studies/index.js";
import type { Study } from "../studies/study.js";
import { describeOptions, type Options } from "./terminal/options.js";

/** Options that every study has, and those of studies that run on networks. */
export const commonOptions = {
  out: {
    kind: "text",
    value: "DIR",
    help:
      "directory for the numbers (JSON and CSV), the pictures (SVG) and\nreport.html, rewritten by every run (default\n" +
      "heavyball-runs/NAME)",
  },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text; after a name, the options of that study only" },
} as const satisfies Options;

export const runtimeOptions = {
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  kernels: { kind: "text", value: "VARIANT", help: "variant of the kernels: simd, relaxed, wide or auto (default)" },
} as const satisfies Options;

/** Options by what they are called on the command line. */
export function ownOptions({ options }: Study): Options {
  return Object.fromEntries(Object.values(options).map(({ flag, ...option }) => [flag, option]));
}

/** Every option of a study. */
export function optionsOf(study: Study): Options {
  return { ...ownOptions(study), ...(study.usesRuntime ? runtimeOptions : {}), ...commonOptions };
}

/** The options of all studies: only once the arguments are read is it known which study is meant. */
export const everyOption: Options = Object.assign({}, ...Object.values(studies).map(optionsOf));

const WIDTH = 92;

export function studyHelp(study: Study): string {
  return `heavyball reproduce ${study.name} [options]

${study.title}

${wrap(study.description, WIDTH)}

${describeOptions(optionsOf(study))}
`;
}

/** `heavyball reproduce --help`: every study with its options. */
export function reproduceHelp(): string {
  const all = studyNames.map(studyNamed);
  const widest = Math.max(...studyNames.map((name) => name.length));
  const usesRuntime = all.filter((study) => study.usesRuntime).map(({ name }) => name);
  return `heavyball reproduce NAME [options]

Computes a table, a figure or a statement of the paper anew and leaves its numbers, pictures
and a page:

${all.map(({ name, title }) => `  ${name.padEnd(widest)}  ${title}`).join("\n")}

${all.map((study) => `${study.name} only:\n\n${describeOptions(ownOptions(study))}\n`).join("\n")}
Studies that train networks (${usesRuntime.join(", ")}):

${describeOptions(runtimeOptions)}

All:

${describeOptions(commonOptions)}

Exit code 1: a statement of the paper was not found to hold. Ctrl-C stops and writes nothing.
`;
}
