import { htmlPage } from "../report/page/page.js";
import { formatCount, formatDuration, formatError } from "../report/text/format.js";
import { curvesFigures } from "../tasks/images/curvesFigures.js";
import type { Outcome } from "../trials/outcome.js";
import { trialPage } from "../trials/page/trialPage.js";
import type { PreparedCurves } from "../trials/prepareTask.js";
import type { Trial } from "../trials/trial.js";
import { describeMachine, footer, type MachineFacts } from "./machine.js";
import { enumerate } from "./terminal/words.js";

/** Test cases whose reconstructions are shown. */
const samples = 10;

interface CurvesPage {
  readonly title: string;
  /** How much was made of the trials, after "After". */
  readonly made: string;
  readonly outcomes: readonly Outcome[];
  /** In the order of the outcomes. */
  readonly trials: readonly Trial[];
  readonly task: PreparedCurves;
  readonly machine: MachineFacts;
  readonly explanation: readonly string[];
  /** Said below the table besides what the errors in it are. */
  readonly tableNote?: string;
  readonly seconds: number;
}

/** The report page about trials on CURVES, as one HTML file. */
export function curvesPage({ title, made, outcomes, trials, task, machine, explanation, tableNote, seconds }: CurvesPage): string {
  const cases = Math.min(samples, task.test.cases);
  const inputs = task.test.inputs.subarray(0, cases * task.test.features);
  const outputs = outcomes.map(({ failure }, at) => (failure === undefined ? trials[at].network.predict({ inputs, cases }) : undefined));
  return htmlPage(
    trialPage({
      title,
      lead: lead(made, outcomes, task),
      outcomes,
      task,
      tableCaption:
        `Errors are squared errors: summed over the outputs, averaged over all ${formatCount(task.train.cases)} training cases or all ` +
        `${formatCount(task.test.cases)} test cases.${tableNote === undefined ? "" : ` ${tableNote}`}`,
      figures: curvesFigures(outcomes, task, task.watchedCases.cases, { inputs, width: 28, height: 28, outputs }),
      explanation,
      machine: [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`]],
      footer: footer(machine),
    }),
  );
}

/** The outcome in two sentences. */
function lead(made: string, outcomes: readonly Outcome[], { baseline, test }: PreparedCurves): string {
  const errors = outcomes.flatMap(({ name, measures }) =>
    measures === undefined ? [] : [`${formatError(measures.testError)} with ${name}`],
  );
  const measured =
    errors.length === 0
      ? "nothing could be measured"
      : `the squared error on ${formatCount(test.cases)} test images was ${enumerate(errors)}`;
  const failed = outcomes.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
  return (
    `After ${made} ${measured}.${failed.length === 0 ? "" : ` ${enumerate(failed)} diverged.`} Answering every image with the mean ` +
    `image would cost ${formatError(baseline.trainingError)}.`
  );
}
