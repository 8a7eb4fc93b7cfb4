import { join, resolve } from "node:path";
import { makeDirectory } from "../../node/makeDirectory.js";
import { writeWholeFile } from "../../node/wholeFile.js";
import { htmlPage } from "../../report/page/page.js";
import { formatCount, formatDuration, formatError } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { machineFacts } from "../../runtime/machineFacts.js";
import { type Demonstrated, demonstration, demonstrationSeconds, demonstrationUpdates } from "../../trials/demonstration.js";
import { describeKernels } from "../../trials/page/describeMachine.js";
import { resultTable } from "../../trials/page/resultTable.js";
import { trialPage } from "../../trials/page/trialPage.js";
import { raceTrials } from "../../trials/raceTrials.js";
import type { EndedTrial } from "../../trials/runTrialOptions.js";
import { wideLines } from "../kernelLines.js";
import { describeRace, explanation, introduction, ofThisMachine } from "../startTexts.js";
import { Interrupt } from "../terminal/interrupt.js";
import { describeOptions, type Options, parseOptions, UsageError, type Values } from "../terminal/options.js";
import { complain, print, say, sayJson, standardOutput } from "../terminal/output.js";
import { TrialBars } from "../terminal/trialBars.js";
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
  kernels: { kind: "text", value: "VARIANT", help: "simd, relaxed, wide or auto (default)" },
  out: { kind: "text", value: "DIR", help: "directory for report.html, rewritten by every run\n(default heavyball-runs/curves)" },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export const startHelp = `heavyball start [options]

The demonstration: trains the CURVES autoencoder from one sparse starting point with plain
gradient descent (SGD), classical momentum (CM) and Nesterov momentum (NAG) side by side,
and with Hessian-free optimization (HF) for ${demonstrationSeconds} seconds beside them, in about two minutes
on two cores, and writes a report with the errors against updates, time and cases
processed, and with reconstructed test images.

${describeOptions(startOptions)}
`;

const title = "SGD, classical momentum, Nesterov momentum and Hessian-free optimization on the CURVES autoencoder";

/** `heavyball start`, what \`npm start\` runs; returns the exit code. */
export async function startCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("start", startOptions, args);
  if (values.help) {
    print(startHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`start takes options only, and is given ${JSON.stringify(words[0])}`);
  const begun = performance.now();
  try {
    return await start(demonstration(values.updates, values.seed), values, begun);
  } catch (error) {
    throw nameOption(error);
  }
}

async function start(entrants: readonly Demonstrated[], values: Values<typeof startOptions>, begun: number): Promise<number> {
  const { threads, kernels, json = false, out = join("heavyball-runs", "curves") } = values;
  let bars: TrialBars | undefined;
  const interrupt = new Interrupt(() => bars?.finish());
  try {
    const records = await raceTrials(entrants, {
      runtime: { threads, kernels: kernels as "auto" | undefined },
      signal: interrupt.signal,
      onStart({ task, runtime }) {
        // When nothing is left that a wrong option can make impossible.
        makeDirectory(out);
        const machine = machineFacts(runtime);
        if (json) {
          const { kernelsReason } = runtime;
          for (const { name, spec, seconds } of entrants) sayJson("trial", { name, spec, seconds, machine, kernelsReason });
          return;
        }
        say(`heavyball ${machine.heavyball}, ${describeKernels(runtime)}, threads: ${runtime.threads} (${runtime.threadsReason})`);
        for (const line of wideLines(runtime, kernels)) say(line);
        say();
        for (const line of introduction(entrants)) say(line);
        say(`Answering every image with the mean image costs a squared error of ${formatError(task.baseline.measures.trainingError)}.`);
        say();
        bars = new TrialBars(
          standardOutput(),
          entrants.map(({ name }) => name),
        );
      },
      onReport: (name, report) => {
        if (json) sayJson("report", { name, ...report });
      },
      onProgress: (progress) => bars?.show(progress),
      async onMeasure() {
        bars?.finish();
        // Measuring is one long piece of work with no pause in which a signal could be heard: from here on signals end the process, as they
        // do by default.
        await interrupt.settle();
        interrupt.dispose();
      },
      onEnd: (ended) => tellEnd(ended, entrants, { json, out, begun, isInterrupted: interrupt.exitCode !== undefined }),
    });
    const failed = records.filter(({ end }) => end.code === "diverged");
    for (const { end, spec } of failed) complain(`${entrants[records.findIndex((record) => record.spec === spec)].name} ${end.message}`);
    return interrupt.exitCode ?? (failed.length > 0 ? 1 : 0);
  } finally {
    bars?.finish();
    interrupt.dispose();
  }
}

interface Telling {
  readonly json: boolean;
  readonly out: string;
  readonly begun: number;
  readonly isInterrupted: boolean;
}

/** What came of it: the table and the page. */
async function tellEnd(
  ended: readonly EndedTrial[],
  entrants: readonly Demonstrated[],
  { json, out, begun, isInterrupted }: Telling,
): Promise<void> {
  const [first, , , last] = ended;
  const budget = entrants.find(({ seconds }) => seconds !== undefined)!.seconds!;
  if (json) {
    for (const { name, record } of ended) {
      const { update, seconds, casesProcessed, conjugateGradientSteps, final, best, baseline, end, spec } = record;
      const numbers = { update, updates: spec.updates, seconds, casesProcessed, conjugateGradientSteps };
      sayJson("outcome", { name, ...numbers, ...final, best, baseline, end });
    }
  }
  const path = resolve(out, "report.html");
  const seconds = (performance.now() - begun) / 1000;
  const made = describeRace(first.record, last.record);
  const page = trialPage(ended, { title, made, explanation: explanation(entrants[2].spec), tableNote: ofThisMachine(budget), seconds });
  await writeWholeFile(path, htmlPage(page));
  if (json) {
    sayJson("written", { files: [path] });
    return;
  }
  const { cases, testCases } = entrants[0].spec.task as { cases: number; testCases: number };
  say(
    `\nSquared error, summed over the 784 pixels, mean over all ${formatCount(cases)} training and ` +
      `${formatCount(testCases)} test images:\n`,
  );
  say(textTable(resultTable(ended, first.task)));
  say(`\n${ofThisMachine(budget)}`);
  const { update } = first.record;
  const stopped = isInterrupted ? `Stopped after ${formatCount(update)} of ${formatCount(entrants[0].spec.updates)} updates. ` : "";
  say(`\n${stopped}${formatDuration(seconds)} in all. Curves and reconstructions, to open in a browser:\n${path}`);
}
