import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRuntime } from "../machines.js";
import { describeTask } from "../report/describeSpec.js";
import { formatCount, formatDuration, formatError } from "../report/format.js";
import { textTable } from "../report/table.js";
import { outcomeTable } from "../report/trialPage.js";
import { prepareCurves } from "../trials/curvesTask.js";
import { demonstration, demonstrationTask, demonstrationUpdates } from "../trials/demonstration.js";
import { maximumReachedAt } from "../trials/maximumReachedAt.js";
import type { TrialSpec } from "../trials/spec.js";
import { curvesPage } from "./curvesPage.js";
import { machineFacts } from "./machine.js";
import { describeOptions, parseOptions, UsageError, type Options } from "./options.js";
import { say, sayJson } from "./output.js";
import { runTrials } from "./runTrials.js";
import { nameOption } from "./trainSpec.js";

const startOptions = {
  "updates": { kind: "number", value: "N", help: `updates of each of the three (default ${demonstrationUpdates}); fewer make a\nshorter run with the same shape of schedule` },
  "seed": { kind: "number", value: "N", help: "root of all random streams (default 1, for which the learning\nrates were found)" },
  "threads": { kind: "number", value: "N", help: "threads of the team (default: all cores)" },
  "kernels": { kind: "text", value: "VARIANT", help: "simd, relaxed or auto (default)" },
  "out": { kind: "text", value: "DIR", help: "directory for report.html, rewritten by every run\n(default heavyball-runs/curves)" },
  "json": { kind: "flag", help: "JSON lines instead of progress and text" },
  "help": { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export const startHelp = `heavyball start [options]

The demonstration: trains the CURVES autoencoder from one sparse starting point with plain
gradient descent (SGD), classical momentum (CM) and Nesterov momentum (NAG) side by side,
in about three minutes on two cores, and writes a report with the errors against the
updates and with reconstructed test images.

${describeOptions(startOptions)}
`;

/** `heavyball start`, what \`npm start\` runs; returns the exit code. */
export async function startCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("start", startOptions, args);
  if (values.help) {
    process.stdout.write(startHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`start takes options only, and is given ${JSON.stringify(words[0])}`);
  const begun = performance.now();
  const { trials, runtime } = await prepare(values);
  try {
    const directory = values.out ?? join("heavyball-runs", "curves");
    mkdirSync(directory, { recursive: true });
    const [{ spec }] = trials;
    const machine = machineFacts(runtime);
    const task = prepareCurves(demonstrationTask, spec.seed);
    if (values.json) for (const trial of trials) sayJson("trial", { ...trial, machine });
    else {
      say(`heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`);
      say();
      for (const line of introduction(trials.map((trial) => trial.spec))) say(line);
      say(`Answering every image with the mean image costs a squared error of ${formatError(task.baseline.trainingError)}.`);
      say();
    }
    const { outcomes, trials: raced, interrupted } = await runTrials({ runtime, task, trials, json: values.json === true });
    const path = resolve(directory, "report.html");
    const seconds = (performance.now() - begun) / 1000;
    writeFileSync(path, curvesPage({ title, outcomes, trials: raced, task, machine, explanation: explanation(trials[2].spec), seconds }));
    if (values.json) sayJson("written", { files: [path] });
    else {
      say(`\nSquared error, summed over the 784 pixels, mean over all ${formatCount(task.train.cases)} training and ${formatCount(task.test.cases)} test images:\n`);
      say(textTable(outcomeTable(outcomes, task)));
      const stopped = interrupted === undefined ? "" : `Stopped after ${formatCount(outcomes[0].update)} of ${formatCount(spec.updates)} updates. `;
      say(`\n${stopped}${formatDuration(seconds)} in all. Curves and reconstructions, to open in a browser:\n${path}`);
    }
    for (const { name, failure } of outcomes) if (failure !== undefined) process.stderr.write(`heavyball: ${name} ${failure}\n`);
    return interrupted ?? (outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0);
  } finally {
    await runtime.dispose();
  }
}

const title = "SGD, classical momentum and Nesterov momentum on the CURVES autoencoder";

async function prepare({ updates, seed, threads, kernels }: { updates?: number; seed?: number; threads?: number; kernels?: string }) {
  try {
    const trials = demonstration(updates, seed);
    return { trials, runtime: await createRuntime({ threads, kernels: kernels as "auto" | undefined }) };
  } catch (error) {
    throw nameOption(error);
  }
}

function introduction([sgd, cm, nag]: readonly TrialSpec[]): string[] {
  return [
    "Training the CURVES autoencoder, 784-400-200-100-50-25-6 and its mirror image, three ways",
    "from one sparsely initialized starting point on the same minibatches:",
    "",
    `  SGD  gradient descent, learning rate ${String(sgd.optimizer.learningRate)}`,
    `  CM   classical momentum, learning rate ${String(cm.optimizer.learningRate)}`,
    `  NAG  Nesterov momentum, learning rate ${String(nag.optimizer.learningRate)}`,
    "",
    `${describeTask(sgd)} each.`,
    ...momentumLines(nag),
  ];
}

/** What was done to the paper's momentum schedule to fit a short run. */
function momentumLines({ optimizer, updates }: TrialSpec): string[] {
  if (optimizer.method === "sgd" || optimizer.method === "hessianFree" || typeof optimizer.momentum === "number" || optimizer.momentum.schedule !== "sutskever") return [];
  const { max, period, final } = optimizer.momentum;
  const last = final !== undefined && "updates" in final ? final : { updates: 0, value: max };
  const reached = maximumReachedAt({ max, period });
  const end = `For the last ${formatCount(last.updates)} of ${formatCount(updates)} updates it is ${last.value}.`;
  if (reached >= updates) {
    return [
      `Momentum grows by Eq. 5, its period shortened from 250 updates to ${period}; in so short a run it does not`,
      `reach its cap of ${max}. ${end}`,
    ];
  }
  return [
    `Momentum grows by Eq. 5 to ${max}. Its period is shortened from 250 updates to ${period}, so that the cap is`,
    `reached at update ${formatCount(reached)} and not at ${formatCount(maximumReachedAt({ max, period: 250 }))}. ${end}`,
  ];
}

function explanation(nag: TrialSpec): string[] {
  return [
    "All three start at the same parameters and see the same minibatches in the same order. The error first falls to that of the mean image (the dotted line), which the biases of the output layer can learn alone. The level stretch that follows is not a minimum: the directions that lead on have little curvature, so the gradient along them is small, though it keeps its sign.",
    "That is where momentum counts. Velocity adds up along directions in which the gradient persists, to 1/(1 - 0.99) = 100 times a single step, and cancels along those in which it alternates. Gradient descent must cross the same ground one small step at a time. Nesterov momentum takes its gradient where the velocity is about to carry it, which corrects the velocity earlier along steep directions.",
    momentumLines(nag).join(" ") + " The paper's runs have 750,000 updates and a last phase of 1,000. The fall of the error when momentum drops is the paper's Table 2: high momentum explores, low momentum settles.",
    "Numbers are not those of the paper's Table 1, whose runs are 150 times longer and use the original CURVES images, of which these are a stand-in of the same statistics. The order of the three is what to compare, not the digits.",
  ];
}
