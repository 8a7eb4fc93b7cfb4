import { describeOptions, type Options } from "./terminal/options.js";

export const reportOptions = {
  out: { kind: "text", value: "DIR", help: "where the pages go (default: into the directory itself)" },
  json: { kind: "flag", help: "a JSON line that names the files, instead of text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

/** `heavyball report --help`. */
export const reportHelp = `heavyball report DIR [options]

Makes the pages, tables and pictures of a directory anew, and runs nothing:

- of the directory of heavyball reproduce: every study that was asked for in it. One that was
  asked for at several budgets has one page, on which each number is that of the largest budget
  that its cell has in full. Trials may be under way meanwhile; cells without them say so.
- of the directory of a figure: its page, from its numbers.
- of the directory of heavyball sweep: its results.

${describeOptions(reportOptions)}
`;
