import { join, resolve } from "node:path";
import { createRuntime } from "../../createRuntime.js";
import { makeDirectory } from "../../node/makeDirectory.js";
import { writeWholeFile } from "../../node/wholeFile.js";
import { formatCount, formatDuration, formatError } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { prepareCurves } from "../../tasks/curves/curvesTask.js";
import { demonstration, demonstrationSeconds, demonstrationTask, demonstrationUpdates } from "../../trials/demonstration.js";
import { outcomeTable } from "../../trials/page/trialPage.js";
import { startTrial } from "../../trials/trial.js";
import { curvesPage } from "../curvesPage.js";
import { machineFacts } from "../machine.js";
import { runTrials } from "../runTrials.js";
import { describeRace, explanation, introduction, ofThisMachine } from "../startTexts.js";
import { describeOptions, type Options, parseOptions, UsageError } from "../terminal/options.js";
import { complain, print, say, sayJson } from "../terminal/output.js";
import { nameOption } from "../trainSpec.js";

const startOptions = {
  updates: {
    kind: "number",
    value: "N",
    help:
      `updates of SGD, CM and NAG (default ${demonstrationUpdates}); fewer make a shorter\nrun with the same shape of schedule, and ` +
      "HF's time less",
  },
  seed: { kind: "number", value: "N", help: "root of all random streams (default 1, for which the learning\nrates were found)" },
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores)" },
  kernels: { kind: "text", value: "VARIANT", help: "simd, relaxed or auto (default)" },
  out: { kind: "text", value: "DIR", help: "directory for report.html, rewritten by every run\n(default heavyball-runs/curves)" },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export const startHelp = `heavyball start [options]

The demonstration: trains the CURVES autoencoder from one sparse starting point with plain
gradient descent (SGD), classical momentum (CM) and Nesterov momentum (NAG) side by side,
and with Hessian-free optimization (HF) for ${demonstrationSeconds} seconds beside them, in about four minutes
on two cores, and writes a report with the errors against updates, time and cases
processed, and with reconstructed test images.

${describeOptions(startOptions)}
`;

/** `heavyball start`, what \`npm start\` runs; returns the exit code. */
export async function startCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("start", startOptions, args);
  if (values.help) {
    print(startHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`start takes options only, and is given ${JSON.stringify(words[0])}`);
  const begun = performance.now();
  const { trials, runtime } = await prepare(values);
  try {
    const directory = values.out ?? join("heavyball-runs", "curves");
    const [{ spec }] = trials;
    const budget = trials.find(({ seconds }) => seconds !== undefined)!.seconds!;
    const machine = machineFacts(runtime);
    const task = prepareCurves(demonstrationTask, spec.seed);
    const racing = trials.map(({ name, spec, seconds }) => ({ name, trial: startTrial(runtime, spec, task), seconds }));
    // When nothing is left that a wrong option can make impossible.
    makeDirectory(directory);
    if (values.json) for (const trial of trials) sayJson("trial", { ...trial, machine });
    else {
      say(`heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`);
      say();
      for (const line of introduction(trials)) say(line);
      say(`Answering every image with the mean image costs a squared error of ${formatError(task.baseline.trainingError)}.`);
      say();
    }
    const { outcomes, trials: raced, interrupted } = await runTrials({ task, trials: racing, json: values.json === true });
    const path = resolve(directory, "report.html");
    const seconds = (performance.now() - begun) / 1000;
    const made = describeRace(outcomes[0], outcomes[3]);
    await writeWholeFile(
      path,
      curvesPage({
        title,
        made,
        outcomes,
        trials: raced,
        task,
        machine,
        explanation: explanation(trials[2].spec),
        tableNote: ofThisMachine(budget),
        seconds,
      }),
    );
    if (values.json) sayJson("written", { files: [path] });
    else {
      say(
        `\nSquared error, summed over the 784 pixels, mean over all ${formatCount(task.train.cases)} training and ` +
          `${formatCount(task.test.cases)} test images:\n`,
      );
      say(textTable(outcomeTable(outcomes, task)));
      say(`\n${ofThisMachine(budget)}`);
      const stopped =
        interrupted === undefined ? "" : `Stopped after ${formatCount(outcomes[0].update)} of ${formatCount(spec.updates)} updates. `;
      say(`\n${stopped}${formatDuration(seconds)} in all. Curves and reconstructions, to open in a browser:\n${path}`);
    }
    for (const { name, failure } of outcomes) if (failure !== undefined) complain(`${name} ${failure}`);
    return interrupted ?? (outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0);
  } finally {
    await runtime.dispose();
  }
}

const title = "SGD, classical momentum, Nesterov momentum and Hessian-free optimization on the CURVES autoencoder";

async function prepare({ updates, seed, threads, kernels }: { updates?: number; seed?: number; threads?: number; kernels?: string }) {
  try {
    const trials = demonstration(updates, seed);
    return { trials, runtime: await createRuntime({ threads, kernels: kernels as "auto" | undefined }) };
  } catch (error) {
    throw nameOption(error);
  }
}
