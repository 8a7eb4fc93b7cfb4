import type { Options } from "./options.js";

/** The options of `heavyball train`, in the order of its help. */
export const trainOptions = {
  "optimizer": { kind: "text", value: "METHOD", help: "nesterov, classicalMomentum or sgd (default nesterov)" },
  "learning-rate": { kind: "number", value: "EPSILON", help: "learning rate (default 0.01); the paper tries 0.05, 0.01, 0.005,\n0.001, 0.0005 and 0.0001" },
  "momentum-max": { kind: "number", value: "MU", help: "highest momentum of the schedule of Eq. 5 (default 0.99)" },
  "period": { kind: "number", value: "N", help: "updates between the steps of Eq. 5 (default 250, the paper's);\n0.99 is reached after 49 periods" },
  "final-updates": { kind: "number", value: "N", help: "updates at the end with momentum 0.9 (default 0; the paper's\nruns of 750,000 updates: 1000)" },
  "updates": { kind: "number", value: "N", help: "updates to make (default 2000, about half a minute)" },
  "batch-size": { kind: "number", value: "N", help: "cases of a minibatch (default 200)" },
  "cases": { kind: "number", value: "N", help: "training cases (default 20000)" },
  "test-cases": { kind: "number", value: "N", help: "test cases (default half as many)" },
  "initialization-scale": { kind: "number", value: "X", help: "multiplies the weights of the sparse initialization (default 1)" },
  "seed": { kind: "number", value: "N", help: "root of all random streams: data, starting point, minibatches\n(default 1)" },
  "threads": { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  "kernels": { kind: "text", value: "VARIANT", help: "simd (same bits on every machine), relaxed (faster, needs\nNode 22) or auto (default: relaxed where it runs)" },
  "out": { kind: "text", value: "DIR", help: "directory for report.html, model.safetensors, reports.jsonl\nand spec.json (default: nothing is written)" },
  "json": { kind: "flag", help: "JSON lines instead of progress and text" },
  "help": { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

/** Options that the command line will have when what they are about exists: understood, so that they can be refused in a sentence. */
export const laterOptions = {
  "data": { kind: "text", value: "DIR", help: "--data does not apply to curves, which draws its images itself" },
  "length": { kind: "text", value: "T", help: "--length does not apply to curves, whose cases are images, not sequences" },
  "resume": { kind: "flag", help: "--resume is not possible: this version writes no checkpoints" },
} as const satisfies Options;

/** The option of the command line behind a part of the spec that is not as it must be. */
export const optionOfSpec: Readonly<Record<string, string>> = {
  "optimizer.method": "--optimizer",
  "learningRate": "--learning-rate",
  "momentum.max": "--momentum-max",
  "momentum.period": "--period",
  "momentum.final.updates": "--final-updates",
  "updates": "--updates",
  "batchSize": "--batch-size",
  "task.cases": "--cases",
  "task.testCases": "--test-cases",
  "initialization.scale": "--initialization-scale",
  "seed": "--seed",
  "threads": "--threads",
  "kernels": "--kernels",
};
