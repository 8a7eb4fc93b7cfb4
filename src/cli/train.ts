import { createRuntime } from "../machines.js";
import { saveModel } from "../networks/model.js";
import { describeInitialization, describeOptimizer, describeTask } from "../report/describeSpec.js";
import { formatCount } from "../report/format.js";
import { textTable } from "../report/table.js";
import { outcomeTable } from "../report/trialPage.js";
import { readyCurves } from "../trials/curvesTask.js";
import type { TrialSpec } from "../trials/spec.js";
import { curvesPage } from "./curvesPage.js";
import { machineFacts } from "./machine.js";
import { describeOptions, parseOptions, UsageError } from "./options.js";
import { say, sayJson } from "./output.js";
import { RunDirectory } from "./runDirectory.js";
import { runTrials } from "./runTrials.js";
import { laterOptions, trainOptions } from "./trainOptions.js";
import { nameOption, trainSpec } from "./trainSpec.js";

export const trainHelp = `heavyball train curves [options]
heavyball train SPEC.json [options]

Trains the CURVES autoencoder, 784-400-200-100-50-25-6 and its mirror image, from a
sparse initialization, and prints its squared error on all training and test images.
A file holds a trial as data, like the spec.json of a run; options override it.

${describeOptions(trainOptions)}

Ctrl-C stops between two updates: errors and files are those of the updates made, the
exit code is 130. A second Ctrl-C ends at once.
`;

/** How the optimizers are called in tables and figures. */
const names = { sgd: "SGD", classicalMomentum: "CM", nesterov: "NAG" } as const;

/** `heavyball train`; returns the exit code. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("train", { ...trainOptions, ...laterOptions }, args);
  if (values.help) {
    process.stdout.write(trainHelp);
    return 0;
  }
  for (const [name, { help }] of Object.entries(laterOptions)) {
    if (values[name as keyof typeof laterOptions] !== undefined) throw new UsageError(help);
  }
  if (words.length === 0) throw new UsageError("train what? Say: heavyball train curves");
  if (words.length > 1) throw new UsageError(`train takes one task or file, and is given ${words.length}: ${words.join(" ")}`);
  const spec = trainSpec(words[0], values);
  const begun = performance.now();
  const runtime = await createRuntime({ threads: values.threads, kernels: values.kernels as "auto" | undefined }).catch((error: unknown) => {
    throw nameOption(error);
  });
  try {
    const directory = values.out === undefined ? undefined : new RunDirectory(values.out);
    directory?.write("spec.json", `${JSON.stringify(spec, null, 2)}\n`);
    const name = names[spec.optimizer.method];
    const machine = machineFacts(runtime);
    if (values.json) sayJson("trial", { name, spec, machine });
    else describe(spec, name, `heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`);

    const task = readyCurves(spec);
    const { outcomes, trials, interrupted } = await runTrials({
      runtime,
      task,
      trials: [{ name, spec }],
      json: values.json === true,
      onReport: (_, report) => directory?.addReport(report),
    });
    const [outcome] = outcomes;
    if (directory !== undefined) {
      const seconds = (performance.now() - begun) / 1000;
      const page = curvesPage({ title: `CURVES autoencoder trained by ${name}`, outcomes, task, machine, explanation, seconds });
      const paths = [directory.write("report.html", page)];
      if (outcome.failure === undefined) paths.push(directory.write("model.safetensors", saveModel(trials[0].network)));
      if (values.json) sayJson("written", { files: paths });
      else say(`\nWritten: ${paths.join(", ")}`);
    }
    if (!values.json) say(`\n${textTable(outcomeTable(outcomes))}`);
    if (outcome.failure !== undefined) {
      process.stderr.write(`heavyball: ${outcome.failure}\n`);
      return 1;
    }
    if (interrupted !== undefined && !values.json) say(`\nStopped after ${formatCount(outcome.update)} of ${formatCount(spec.updates)} updates; the errors are those of that moment.`);
    return interrupted ?? 0;
  } finally {
    await runtime.dispose();
  }
}

const explanation = [
  "The error first falls to that of the mean image (the dotted line), which the biases of the output layer can learn alone. The level stretch that follows is not a minimum: the directions that lead on have little curvature, and progress along them is slow until it adds up.",
];

function describe(spec: TrialSpec, name: string, versions: string): void {
  say(versions);
  say("CURVES autoencoder 784-400-200-100-50-25-6 and its mirror image");
  say(`  ${describeTask(spec)}`);
  say(`  ${name}: ${describeOptimizer(spec)}`);
  say(`  initialization: ${describeInitialization(spec)}`);
  say();
}
