import { describeOptions, type Options, type Values } from "./terminal/options.js";

export const workerOptions = {
  queue: {
    kind: "text",
    value: "URL",
    help:
      "server of Redis or Valkey that sweeps put trials on:\nredis://host[:port][/database], rediss:// for TLS; the password\n" +
      "is HEAVYBALL_QUEUE_PASSWORD, or redis://:password@host",
  },
  jobs: {
    kind: "number",
    value: "N",
    help: "trials at a time, each in a process of its own (default: one\na core, or as many as --threads leaves cores for)",
  },
  threads: { kind: "number", value: "N", help: "threads of each trial (default 1, or with --jobs as many as\nthere are cores for)" },
  kernels: {
    kind: "text",
    value: "WHICH",
    help: "auto (default), what each sweep asks for; simd, relaxed or wide,\ntrials of those kernels alone (wide runs those of relaxed)",
  },
  data: {
    kind: "text",
    value: "PATH",
    help: "directory or file of the data, for tasks that do not make\ntheir own: the files that the sweeps have",
  },
  out: { kind: "text", value: "DIR", help: "directory for runs under way (default: that of the system for\ntemporary files)" },
  "lost-after": {
    kind: "number",
    value: "S",
    help: "seconds of silence after which others take this worker's trials,\nat least 1 (default 30)",
  },
  json: { kind: "flag", help: "JSON lines instead of text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export type WorkerValues = Values<typeof workerOptions>;

/** `heavyball worker --help`. */
export const workerHelp = `heavyball worker --queue URL [options]

Runs trials of sweeps that were started, on any machine, by

  heavyball sweep SWEEP.json --out DIR --queue URL

Needs the packages bullmq and ioredis beside heavyball: npm install bullmq@6 ioredis@6

${describeOptions(workerOptions)}

A worker takes the trials that it computes to the bits which their sweep wants: of the same
version of heavyball, of kernels that this engine has, and with the same data. It waits while
there are none. One that is killed or cut off loses nothing: another goes on from the trial's
last checkpoint. Ctrl-C stops its trials with checkpoints and gives them back; exit code 130.
`;
