import type { Runtime } from "../../createRuntime.js";
import type { Batch } from "../../networks/batch.js";
import { formatCount, formatRate } from "../../report/text/format.js";
import type { KernelVariant } from "../../runtime/kernels.js";
import { NUMERICS_VERSION } from "../../runtime/numericsVersion.js";
import type { PreparedSequences } from "../../tasks/sequences/preparedSequences.js";
import { hiddenStates } from "../../tasks/sequences/sequencesPage.js";
import { prepareTask } from "../../trials/trial.js";
import { type Statement, statement } from "../statement.js";
import type { StudyProgress } from "../study.js";
import { hiddenStatesAfter } from "./hiddenStates.js";
import { measureStates, type StatesNumbers } from "./measures.js";
import type { Figure3Spec } from "./spec.js";

/** The three pictures, from left to right. */
export type Figure3PictureName = "start" | "meanBias" | "zeroBias";

/** One picture, and numbers about the same states on all sequences. */
export interface Figure3Picture {
  /** Updates made, and where the output bias started. */
  readonly updates: number;
  readonly outputBias: number;
  readonly numbers: StatesNumbers;
  /** The hidden states of the sequence that is shown, a row a step, to six decimals; it ends with the sequence. */
  readonly states: readonly (readonly number[])[];
}

/** The pictures by their names. */
export type Figure3Pictures = Readonly<Record<Figure3PictureName, Figure3Picture>>;

/** What the study found, as plain data: the same for the same spec and kernel variant, whatever the team. */
export interface Figure3Result {
  readonly spec: Figure3Spec;
  /** Numerics version of the code, and the variant of its kernels. */
  readonly numerics: number;
  readonly kernelVariant: KernelVariant;
  /** Sequences and steps that the numbers are of: no sequence is shorter. */
  readonly cases: number;
  readonly steps: number;
  readonly pictures: Figure3Pictures;
  readonly statements: readonly Statement[];
}

/**
 * Looks at the hidden states of a network at its start, and makes the same updates twice from there: with the output bias starting at the
 * mean target, and at 0. In slices of one update each; it may be left at any yield, by `return()`. Throws DivergedError, OutOfMemoryError.
 */
export function* runFigure3(runtime: Runtime, spec: Figure3Spec): Generator<StudyProgress, Figure3Result, void> {
  const { trial } = spec;
  const task = prepareTask(trial) as PreparedSequences;
  const batch = task.heldOut();
  const [mean] = task.sequences.outputBiases;
  const states = {
    start: yield* statesAfter(runtime, spec, task, batch, { outputBias: mean, updates: 0, begins: 0 }),
    meanBias: yield* statesAfter(runtime, spec, task, batch, { outputBias: mean, updates: trial.updates, begins: 0 }),
    zeroBias: yield* statesAfter(runtime, spec, task, batch, { outputBias: 0, updates: trial.updates, begins: 0.5 }),
  };
  const { hidden } = task.network;
  const { cases } = batch;
  const { lengths } = hiddenStates(states.start, batch, hidden);
  const steps = Math.min(...lengths);
  const picture = (name: Figure3PictureName, outputBias: number, updates: number): Figure3Picture => ({
    updates,
    outputBias,
    numbers: measureStates(states[name], states.start, { steps, cases, hidden }),
    states: Array.from({ length: lengths[SHOWN] }, (_, t) => {
      const from = (t * cases + SHOWN) * hidden;
      return Array.from(states[name].subarray(from, from + hidden), sixDecimals);
    }),
  });
  const pictures: Figure3Pictures = {
    start: picture("start", mean, 0),
    meanBias: picture("meanBias", mean, trial.updates),
    zeroBias: picture("zeroBias", 0, trial.updates),
  };
  return { spec, numerics: NUMERICS_VERSION, kernelVariant: runtime.kernels, cases, steps, pictures, statements: judge(pictures) };
}

/** The sequence that is shown. */
const SHOWN = 0;

/** Not -0, which JSON does not keep. */
function sixDecimals(value: number): number {
  return Math.round(value * 1e6) / 1e6 + 0;
}

interface Way {
  readonly outputBias: number;
  readonly updates: number;
  /** Share of the whole that is done when it begins; the updates of either training are half of it. */
  readonly begins: number;
}

/** The hidden states after so many updates from a start with that output bias. */
function* statesAfter(
  runtime: Runtime,
  { trial }: Figure3Spec,
  task: PreparedSequences,
  batch: Batch,
  { outputBias, updates, begins }: Way,
): Generator<StudyProgress, Float32Array, void> {
  // The spec's initialization is an echo state, which has output biases.
  const initialization = { ...trial.initialization, outputBiases: [outputBias] } as typeof trial.initialization;
  const work = hiddenStatesAfter(runtime, { ...trial, initialization }, task, updates, batch);
  try {
    for (;;) {
      const next = work.next();
      if (next.done) return next.value;
      const detail = `output bias ${formatRate(outputBias)}, update ${formatCount(next.value)} of ${formatCount(updates)}`;
      yield { share: begins + (0.5 * next.value) / updates, detail };
    }
  } finally {
    work.return(new Float32Array());
  }
}

/** "As they were": to a tenth. "Far fewer": less than half. */
const [SAME, FEWER] = [0.1, 0.5];

/** The verdicts, from the numbers alone. */
export function judge({ start, meanBias, zeroBias }: Figure3Pictures): Statement[] {
  return [
    statement(
      "meanBias",
      "Output bias at the mean target: the states stay",
      "root mean square difference from the states at the start, as a share of their size",
      meanBias.numbers.difference / start.numbers.size,
      SAME,
    ),
    statement(
      "zeroBias",
      "Output bias at 0: far fewer oscillations",
      "change of a state from step to step, root mean square, over that at the start",
      zeroBias.numbers.oscillation / start.numbers.oscillation,
      FEWER,
    ),
  ];
}
