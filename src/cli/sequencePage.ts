import type { Runtime } from "../createRuntime.js";
import { DivergedError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import { htmlPage, type Section } from "../report/page/page.js";
import { type HiddenStates, heatMap, heatMapRow, heatMapSection } from "../report/plot/hiddenStates.js";
import { formatCount, formatCountOf, formatDuration, formatError, formatRate } from "../report/text/format.js";
import { hiddenStatesAfter, hiddenStatesAtStart, spreadOverSequences } from "../studies/figure3/hiddenStates.js";
import { sequencePlots } from "../tasks/sequences/sequenceFigures.js";
import type { Outcome } from "../trials/outcome.js";
import { trialPage } from "../trials/page/trialPage.js";
import type { PreparedSequences } from "../trials/prepareTask.js";
import { isHessianFree, type TrialSpec } from "../trials/spec.js";
import { isSequencesTask } from "../trials/taskSpec.js";
import type { Trial } from "../trials/trial.js";
import { describeMachine, footer, type MachineFacts } from "./machine.js";
import { describeMade } from "./terminal/words.js";

/** Test sequences whose hidden states are shown. */
const samples = 3;
/**
 * The paper's Figure 3 shows the hidden states after 1,000 updates, at a rate it does not name. At the lowest of its four, 0.000001, the
 * picture is its own; at higher ones the states lose most of what was read with either bias, and the trial's own rate would show that
 * instead. The numbers are of so many sequences.
 */
const figure3Updates = 1000;
const figure3Rate = 1e-6;
const figure3Cases = 20;

export interface SequencePage {
  readonly runtime: Runtime;
  readonly name: string;
  readonly outcome: Outcome;
  readonly trial: Trial;
  readonly task: PreparedSequences;
  readonly machine: MachineFacts;
  /** Whether to draw Figure 3, which takes two trainings of 1,000 updates. */
  readonly figure3: boolean;
  /** Seconds since the command began, asked for when the figures are drawn. */
  readonly seconds: () => number;
}

/** The report page about a trial on a recurrent problem, as one HTML file. */
export function sequencePage(page: SequencePage): string {
  const { name, outcome, task, machine, seconds } = page;
  const { spec } = outcome;
  const { zeroOneMeaning } = task.sequences;
  const batch = task.heldOut(Math.min(samples, spec.task.testCases));
  const figures = [
    ...sequencePlots([outcome], task, zeroOneMeaning, task.watchedCases),
    ...beforeAndAfter(page, batch),
    ...(page.figure3 ? figure3(page) : []),
  ];
  return htmlPage(
    trialPage({
      title: `The ${spec.task.name} problem, learned with ${name}`,
      lead: lead(outcome, task),
      outcomes: [outcome],
      task,
      tableCaption: tableCaption(outcome, task),
      figures,
      explanation: explanation(spec),
      machine: [...describeMachine(machine), ["Time", `${formatDuration(seconds())} in all`]],
      footer: footer(machine),
    }),
  );
}

function lead(outcome: Outcome, { baseline }: PreparedSequences): string {
  const { measures, spec } = outcome;
  const measured =
    measures === undefined
      ? "the trial diverged"
      : `the zero-one error on ${formatCount(spec.task.testCases)} held-out sequences was ${formatError(measures.zeroOne)}`;
  return (
    `After ${describeMade(outcome)} ${measured}. Answering from the biases of the output alone would cost ` +
    `${formatError(baseline.zeroOne)}.`
  );
}

function tableCaption({ spec, best }: Outcome, { sequences, watchedCases }: PreparedSequences): string {
  const lowest =
    best === undefined
      ? ""
      : ` The lowest zero-one error seen while training, on ${formatCount(watchedCases)} others, was ${formatError(best.error)} after ` +
        `${formatCountOf(best.update, "update")}.`;
  return (
    `Zero-one error: ${sequences.zeroOneMeaning}. Both errors are means over ${formatCount(spec.task.testCases)} held-out ` +
    `sequences.${lowest}`
  );
}

function beforeAndAfter({ runtime, outcome, trial, task }: SequencePage, batch: Batch): Section[] {
  const { spec, update, failure } = outcome;
  const row = (rowName: string, shown: HiddenStates) =>
    heatMapRow(
      rowName,
      Array.from({ length: batch.cases }, (_, sequence) => heatMap(shown, sequence)),
    );
  const states = statesOf(hiddenStatesAtStart(runtime, spec, task, batch), batch, spec);
  const rows = [row("At the start", states)];
  if (failure === undefined && update > 0)
    rows.push(row(`After ${formatCountOf(update, "update")}`, statesOf(trial.network.activations(batch, 1), batch, spec)));
  const shorter = states.lengths.some((length) => length < batch.steps!);
  return [
    heatMapSection({
      title: "Hidden states before and after training",
      caption:
        `The first ${formatCountOf(batch.cases, "held-out sequence")}, one a column; in each picture time runs downward and the ` +
        `${formatCount(hiddenUnits(spec))} units lie side by side. Blue is negative, orange positive; the scale is that of the square ` +
        `root, so that small states show.${shorter ? " Where a sequence is shorter than the longest there are, the bottom is blank." : ""}`,
      width: hiddenUnits(spec),
      height: batch.steps!,
      rows,
    }),
  ];
}

/** The paper's Figure 3: one sequence at the start, and after 1,000 updates with the output bias starting at the mean target and at 0. */
function figure3({ runtime, outcome: { spec }, task }: SequencePage): Section[] {
  const { initialization } = spec;
  if (initialization.method !== "echoState" || isHessianFree(spec)) return [];
  const updates = Math.min(figure3Updates, spec.updates);
  const [mean] = task.sequences.outputBiases;
  const batch = task.heldOut(Math.min(figure3Cases, spec.task.testCases));
  const states = (bias: number, made: number): HiddenStates => {
    const start = {
      ...spec,
      initialization: { ...initialization, outputBiases: [bias] },
      optimizer: { ...spec.optimizer, learningRate: figure3Rate },
    };
    return statesOf(hiddenStatesAfter(runtime, start, task, made, batch), batch, spec);
  };
  let shown: HiddenStates[];
  try {
    shown = [states(mean, 0), states(mean, updates), states(0, updates)];
  } catch (error) {
    // A start from which so short a training diverges has no figure; the page says elsewhere that it diverged.
    if (!(error instanceof DivergedError)) throw error;
    return [];
  }
  const captions = [
    "at the start",
    `${formatCountOf(updates, "update")}, output bias from ${formatRate(mean)}`,
    `${formatCountOf(updates, "update")}, output bias from 0`,
  ];
  const spreads = shown.map((some) => formatError(spreadOverSequences(some.values, { ...some, steps: Math.min(...some.lengths) })));
  return [
    heatMapSection({
      title: "Why the output bias starts at the mean target: the paper's Figure 3",
      caption:
        `One held-out sequence. Left: before training. Middle: after ${formatCountOf(updates, "update")} from there. Right: after as ` +
        `many from a start that differs only in the output bias, 0 in place of the mean target ${formatRate(mean)}. The learning rate ` +
        `is ${figure3Rate.toFixed(6)}. With the bias at 0 the first gradients ask for a larger output whatever was read, and the ` +
        "hidden states bend to that instead of carrying what was read: in the paper's picture, of the addition problem, far fewer " +
        `oscillations remain. What tells ${formatCountOf(batch.cases, "sequence")} apart has a root mean square of ${spreads[0]} on ` +
        `the left, ${spreads[1]} in the middle and ${spreads[2]} on the right.`,
      width: hiddenUnits(spec),
      height: batch.steps!,
      rows: [
        heatMapRow(
          "Hidden states over time",
          shown.map((some) => heatMap(some, 0)),
          captions,
        ),
      ],
    }),
  ];
}

function statesOf(values: Float32Array, { cases, steps, mask }: Batch, spec: TrialSpec): HiddenStates {
  const lengths = Array.from({ length: cases }, (_, sequence) => {
    let last = steps! - 1;
    while (last > 0 && mask![last * cases + sequence] === 0) last--;
    return last + 1;
  });
  return { values, steps: steps!, cases, hidden: hiddenUnits(spec), lengths };
}

function hiddenUnits({ task }: TrialSpec): number {
  return isSequencesTask(task) ? task.hidden : 0;
}

function explanation({ task, initialization }: TrialSpec): string[] {
  const problem =
    task.name === "addition" || task.name === "multiplication"
      ? "The answer depends on two numbers read in the first half of the sequence, so what is learned must survive many steps. The " +
        "error first stays at that of the biases alone (the dotted lines), for as long as nothing that was read reaches the end; it " +
        "falls once some of it does."
      : "The symbols are read at the start and asked for at the end, so what is learned must survive many steps. The error first stays " +
        "near that of the biases alone (the dotted lines), for as long as nothing that was read reaches the end; it falls once some of " +
        "it does.";
  const radius = initialization.method === "echoState" ? initialization.spectralRadius : undefined;
  if (radius === undefined || radius <= 1 || radius > 1.5) return [problem];
  return [
    problem,
    `At the start the recurrent weights have a spectral radius of ${radius}, a little above 1: a disturbance neither dies out at ` +
      "once nor explodes, and the units ring on with what they have read. That is what training has to work with, and why the scale of " +
      "the random weights decides whether it works at all.",
  ];
}
