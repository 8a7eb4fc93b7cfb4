import { formatCount, formatDuration, formatError } from "../report/format.js";
import { htmlPage } from "../report/page.js";
import { trialPage } from "../report/trialPage.js";
import { meanPredictorError, type ReadyTask } from "../trials/curvesTask.js";
import { sampleCases, type Outcome } from "../trials/outcome.js";
import { describeMachine, type MachineFacts } from "./machine.js";

/** The report page about trials on CURVES, as one HTML file. */
export function curvesPage(options: { title: string; outcomes: readonly Outcome[]; task: ReadyTask; machine: MachineFacts; explanation: readonly string[]; seconds: number }): string {
  const { title, outcomes, task, machine, explanation, seconds } = options;
  const mean = meanPredictorError(task.train);
  return htmlPage(
    trialPage({
      title,
      lead: lead(outcomes, mean),
      outcomes,
      inputs: sampleCases(task).inputs,
      pictureWidth: 28,
      pictureHeight: 28,
      meanPredictorError: mean,
      watchedCases: task.watched.cases,
      explanation,
      machine: [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`]],
      footer: `Made by heavyball ${machine.heavyball} on ${new Date().toISOString().slice(0, 10)}.`,
    }),
  );
}

/** The outcome in two sentences. */
function lead(outcomes: readonly Outcome[], mean: number): string {
  const [{ spec, update }] = outcomes;
  const made = update < spec.updates ? `${formatCount(update)} of ${formatCount(spec.updates)} updates, where it was stopped,` : `${formatCount(update)} updates`;
  const errors = outcomes.filter(({ testError }) => testError !== undefined).map(({ name, testError }) => `${formatError(testError)} with ${name}`);
  const measured = errors.length === 0 ? "nothing could be measured" : `the squared error on ${formatCount(spec.task.testCases)} test images was ${enumerate(errors)}`;
  const failed = outcomes.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
  return `After ${made} ${measured}.${failed.length === 0 ? "" : ` ${enumerate(failed)} diverged.`} Answering every image with the mean image would cost ${formatError(mean)}.`;
}

/** "a", "a and b", "a, b and c". */
function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
