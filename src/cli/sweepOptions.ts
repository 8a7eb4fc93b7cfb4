import { executorOptions, storeOptions } from "./executorOptions.js";
import { describeOptions, type Options, type Values } from "./terminal/options.js";

export const sweepOptions = {
  out: { kind: "text", value: "DIR", help: "directory of the trials, results.csv, results.md and report.html" },
  ...executorOptions,
  pilot: {
    kind: "flag",
    help:
      "choose by successive halving: every value in a share of the\nupdates (pilot.share of the file, or 0.1), the better half " +
      "in\ntwice that, and so on, the last in full",
  },
  only: { kind: "text", value: "KEY", help: "run those trials alone whose keys begin like this" },
  ...storeOptions,
  keep: {
    kind: "text",
    value: "WHAT",
    help: "what stays of a trial that has ended: all (default), models,\nwithout checkpoints, or records, without models too",
  },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export type SweepValues = Values<typeof sweepOptions>;

/** `heavyball sweep --help`. */
export const sweepHelp = `heavyball sweep SWEEP.json --out DIR [options]
heavyball sweep DIR

Runs the trials of a sweep, and lists those of a directory. A sweep is a trial with lists of
values by path:

  { "trial": { "task": { "name": "curves" },
               "optimizer": { "method": "nesterov", "momentum": 0.9 }, "updates": 1000 },
    "grid": { "optimizer.learningRate": [0.05, 0.01, 0.005], "seed": [1, 2, 3] },
    "choose": { "path": "optimizer.learningRate", "over": "seed" } }

or a list, { "trials": [...] }, of trials, or of { "name", "trial", "grid" }. With "choose" the
best value of every cell is named; "by" says by which measure.

${describeOptions(sweepOptions)}

Trials that are in DIR are not run again: the same command goes on with a sweep that was
stopped or killed, and a file with more values runs what is new. A trial that diverges is a
result. One that fails otherwise is told, the others go on, and the next run tries it again.
Ctrl-C stops all trials with checkpoints; the exit code is 130, and 1 where trials failed.
`;
