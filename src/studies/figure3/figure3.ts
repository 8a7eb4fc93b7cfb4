import { DivergedError } from "../../errors.js";
import type { Section } from "../../report/page/page.js";
import { type HiddenStates, heatMap, heatMapRow, heatMapSection } from "../../report/plot/hiddenStates.js";
import { formatCountOf, formatError, formatRate } from "../../report/text/format.js";
import type { PreparedSequences } from "../../tasks/sequences/preparedSequences.js";
import { hiddenStates } from "../../tasks/sequences/sequencesPage.js";
import type { PreparedTask } from "../../tasks/task.js";
import type { EndedTrial } from "../../trials/runTrialOptions.js";
import { isHessianFree, type TrialSpec } from "../../trials/spec.js";
import { hiddenStatesAfter, spreadOverSequences } from "./hiddenStates.js";

/**
 * The paper's Figure 3 shows the hidden states after 1,000 updates, at a rate it does not name. At the lowest of its four, 0.000001, the
 * picture is its own; at higher ones the states lose most of what was read with either bias, and the trial's own rate would show that
 * instead. The numbers are of so many sequences.
 */
const figure3Updates = 1000;
const figure3Rate = 1e-6;
const figure3Cases = 20;

/** Whether a trial has a Figure 3: its problem must have output biases other than 0, and its updates be short. */
export function hasFigure3(spec: TrialSpec): boolean {
  const { initialization, task } = spec;
  if (initialization.method !== "echoState" || isHessianFree(spec)) return false;
  return task.name === "addition" || task.name === "multiplication";
}

/**
 * Figure 3 for a trial on a recurrent problem: one sequence at the start, and after 1,000 updates with the output bias starting at the mean
 * target and at 0. Takes two trainings of 1,000 updates. None where the trial has no such figure, or diverges on the way.
 */
export function figure3({ record: { spec }, task, runtime }: Pick<EndedTrial, "record" | "task" | "runtime">): Section[] {
  const { initialization } = spec;
  if (!hasFigure3(spec) || initialization.method !== "echoState" || isHessianFree(spec) || !isRecurrent(task)) return [];
  const { hidden } = task.network;
  const updates = Math.min(figure3Updates, spec.updates);
  const [mean] = task.sequences.outputBiases;
  const batch = task.heldOut(Math.min(figure3Cases, task.testCases));
  const states = (bias: number, made: number): HiddenStates => {
    const start = {
      ...spec,
      initialization: { ...initialization, outputBiases: [bias] },
      optimizer: { ...spec.optimizer, learningRate: figure3Rate },
    };
    return hiddenStates(hiddenStatesAfter(runtime, start, task, made, batch), batch, hidden);
  };
  let shown: HiddenStates[];
  try {
    shown = [states(mean, 0), states(mean, updates), states(0, updates)];
  } catch (error) {
    // A start from which so short a training diverges has no figure; the page says elsewhere that it diverged.
    if (!(error instanceof DivergedError)) throw error;
    return [];
  }
  const after = formatCountOf(updates, "update");
  const captions = ["at the start", `${after}, output bias from ${formatRate(mean)}`, `${after}, output bias from 0`];
  const spreads = shown.map((some) => formatError(spreadOverSequences(some.values, { ...some, steps: Math.min(...some.lengths) })));
  return [
    heatMapSection({
      title: "Why the output bias starts at the mean target: the paper's Figure 3",
      caption:
        `One held-out sequence. Left: before training. Middle: after ${after} from there. Right: after as ` +
        `many from a start that differs only in the output bias, 0 in place of the mean target ${formatRate(mean)}. The learning rate ` +
        `is ${figure3Rate.toFixed(6)}. With the bias at 0 the first gradients ask for a larger output whatever was read, and the ` +
        "hidden states bend to that instead of carrying what was read: in the paper's picture, of the addition problem, far fewer " +
        `oscillations remain. What tells ${formatCountOf(batch.cases, "sequence")} apart has a root mean square of ${spreads[0]} on ` +
        `the left, ${spreads[1]} in the middle and ${spreads[2]} on the right.`,
      width: hidden,
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

function isRecurrent(task: PreparedTask): task is PreparedSequences {
  return task.network.kind === "recurrent";
}
