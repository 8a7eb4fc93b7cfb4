import { describeOptions, type Options, type Values } from "./terminal/options.js";

export const sweepOptions = {
  out: { kind: "text", value: "DIR", help: "directory of the trials, results.csv, results.md and report.html" },
  jobs: {
    kind: "number",
    value: "N",
    help:
      "trials at a time, each in a process of its own (default: one\na core, or as many as --threads leaves cores for); with\n" +
      "--queue, trials on the queue at a time (default 256)",
  },
  threads: { kind: "number", value: "N", help: "threads of each trial (default 1, or with --jobs as many as\nthere are cores for)" },
  queue: {
    kind: "text",
    value: "URL",
    help:
      "have the trials run by workers on any number of machines\n(heavyball worker --queue URL), through a server of Redis or\n" +
      "Valkey: redis://host[:port][/database], rediss:// for TLS; the\npassword is HEAVYBALL_QUEUE_PASSWORD, or redis://:password@host",
  },
  kernels: { kind: "text", value: "WHICH", help: "auto, simd or relaxed (default auto); part of every trial's key" },
  data: { kind: "text", value: "PATH", help: "directory or file of the data, for tasks that do not make\ntheir own" },
  pilot: {
    kind: "flag",
    help:
      "choose by successive halving: every value in a share of the\nupdates (pilot.share of the file, or 0.1), the better half " +
      "in\ntwice that, and so on, the last in full",
  },
  only: { kind: "text", value: "KEY", help: "run those trials alone whose keys begin like this" },
  repair: {
    kind: "flag",
    help: "run trials again whose records are damaged, from their last\ncheckpoints; the damaged records are kept beside the new ones",
  },
  keep: {
    kind: "text",
    value: "WHAT",
    help: "what stays of a trial that has ended: all (default), models,\nwithout checkpoints, or records, without models too",
  },
  "checkpoint-seconds": { kind: "number", value: "S", help: "seconds between checkpoints of a trial (default 30)" },
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
