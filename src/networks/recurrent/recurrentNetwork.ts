import { ROWS_PREDICT } from "../../abi/arguments.js";
import { PROGRAM_RECURRENT_ROWS, PROGRAM_RECURRENT_UPDATE } from "../../abi/programs.js";
import { InvalidOptionError } from "../../errors.js";
import { echoStateValues, type Initialization } from "../../initialize/index.js";
import type { Engine } from "../../runtime/engine.js";
import { checkInteger } from "../../validate.js";
import { type Batch, checkSequences } from "../batch.js";
import { isPart } from "../caseRange.js";
import type { Chunk, Forward, Purpose } from "../chunk.js";
import { checkRecurrent, type RecurrentDescription } from "../describe.js";
import { partCases } from "../forward.js";
import { Network } from "../network.js";
import { recurrentLayout } from "../parameterLayout.js";
import { layerActivations } from "../scoring.js";
import { checkAnswer, checkFinite, checkingFinite } from "../status.js";
import { runThrough, type Work } from "../work.js";
import type { WorkspacePool } from "../workspacePool.js";
import { chunkSequences, type RecurrentRoom, RecurrentWorkspace } from "./recurrentWorkspace.js";

/** Which steps of a batch are scored: step t is the `scored[t]`-th of them, or -1; the last one is where forward and backward end. */
interface ScoredSteps {
  readonly scored: Int32Array;
  readonly count: number;
  readonly steps: number;
}

/**
 * A recurrent network of tanh units: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), h_{-1} = 0, row vectors; outputs activation(h_t W_ho +
 * b_o).
 *
 * Batches are time-major (steps x cases x features); `mask` (steps x cases, default 1) weighs the loss of each step, and steps that nobody
 * scores cost no readout. Public parameter order: inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases.
 */
export class RecurrentNetwork extends Network {
  readonly description: RecurrentDescription;
  /** @internal */ readonly programs = { rows: PROGRAM_RECURRENT_ROWS, update: PROGRAM_RECURRENT_UPDATE };

  /** @internal Use `runtime.network`. */
  constructor(engine: Engine, description: RecurrentDescription) {
    const checked = checkRecurrent(description);
    super(engine, recurrentLayout(checked.inputs, checked.hidden, checked.outputs, engine.layout), ["tanh", checked.output], checked.loss);
    this.description = checked;
  }

  initialize(initialization: Initialization, seed = 1): void {
    this.use();
    this.setParameters(echoStateValues(initialization, this.description, seed));
  }

  /**
   * Outputs at every step, steps x cases x outputs. Throws ShapeError, InvalidOptionError, and DivergedError where f32 cannot hold them.
   */
  predict(batch: Batch): Float32Array<ArrayBuffer> {
    return runThrough(this.predictInSlices(batch));
  }

  /** @internal `predict` in slices, as `evaluateInSlices` is `evaluate` in slices. */
  predictInSlices(batch: Batch): Work<Float32Array<ArrayBuffer>> {
    return this.activationsInSlices(batch, 2);
  }

  /** Layer 1: hidden states, steps x cases x hidden. Layer 2: outputs, steps x cases x outputs. Throws as `predict` does. */
  activations(batch: Batch, layer: number): Float32Array<ArrayBuffer> {
    return runThrough(this.activationsInSlices(batch, layer));
  }

  /** @internal `activations` in slices, as `evaluateInSlices` is `evaluate` in slices. */
  activationsInSlices(batch: Batch, layer: number): Work<Float32Array<ArrayBuffer>> {
    this.use();
    checkInteger("layer", layer, 1, 2);
    this.check(batch, "unused");
    return this.activating(batch, layer);
  }

  private *activating(batch: Batch, layer: number): Work<Float32Array<ArrayBuffer>> {
    const { hidden, outputs } = this.description;
    yield* checkingFinite("batch.inputs", batch.inputs);
    const forward = this.forward(batch, ROWS_PREDICT, layer === 1);
    const out = yield* layerActivations(this, this.args, forward, batch, layer, layer === 1 ? hidden : outputs);
    return checkAnswer(layer === 1 ? "a hidden state" : "an output", out);
  }

  /** @internal */ check(batch: Batch, targets: "needed" | "unused", option = "batch"): void {
    const { inputs, outputs } = this.description;
    checkSequences(option, batch, inputs, outputs, targets);
  }

  /** @internal */ gradientRows(batch: Batch): number {
    return batch.cases * batch.steps!;
  }

  /** @internal `history`: whether the hidden states are handed out. */
  forward(batch: Batch, goal: number, history = false): Forward {
    const { layout } = this.engine;
    const scored = goal === ROWS_PREDICT ? allSteps(batch.steps!) : scoredSteps(batch);
    const room = { steps: batch.steps!, cases: batch.cases, keeps: false, curvature: false, history };
    const chunk = chunkSequences(this.description, layout, room);
    const part = partCases(layout, this.parameterCount * batch.steps!, chunk);
    return {
      chunk,
      part,
      steps: Array.from(scored.scored.keys()).filter((t) => scored.scored[t] >= 0),
      stage: (first, cases) => {
        const workspace = this.reserve(this.workspaces, 0, { ...room, cases: part });
        this.stage(batch, first, cases, workspace, scored, goal !== ROWS_PREDICT);
        return workspace;
      },
    };
  }

  /** @internal */ forEachChunk(batch: Batch, { curvature = false, pool }: Purpose, run: (chunk: Chunk) => void): void {
    const scored = scoredSteps(batch);
    // The kernels never see what comes after the last scored step, but whether a batch is refused must not depend on its mask.
    if (scored.steps < batch.steps!) checkFinite("batch.inputs", batch.inputs);
    const room = { steps: batch.steps!, cases: batch.cases, keeps: true, curvature, history: false };
    const chunk = chunkSequences(this.description, this.engine.layout, room);
    for (let first = 0; first < batch.cases; first += chunk) {
      const cases = Math.min(chunk, batch.cases - first);
      const workspace = pool
        ? this.reserve(pool, first / chunk, { ...room, cases })
        : this.reserve(this.workspaces, 0, { ...room, cases: chunk });
      this.stage(batch, first, cases, workspace, scored, true);
      const rows = scored.count * cases;
      run({ network: workspace.network, cases, rows, isFirst: first === 0, isLast: first + cases === batch.cases });
    }
  }

  /** Copies cases [first, first + cases) into a workspace, and says which steps are scored. */
  private stage(
    batch: Batch,
    first: number,
    cases: number,
    workspace: RecurrentWorkspace,
    { scored, count, steps }: ScoredSteps,
    withTargets: boolean,
  ): void {
    const { inputs, outputs } = this.description;
    const memory = this.engine.memory.f32;
    const copy = (values: Float32Array, features: number, address: number): void => {
      const to = address >>> 2;
      if (cases === batch.cases) {
        memory.set(values, to);
        return;
      }
      for (let t = 0; t < steps; t++) {
        const from = (t * batch.cases + first) * features;
        memory.set(values.subarray(from, from + cases * features), to + t * cases * features);
      }
    };
    copy(batch.inputs, inputs, workspace.inputs);
    if (withTargets) {
      copy(batch.targets!, outputs, workspace.targets);
      if (batch.mask) copy(batch.mask, 1, workspace.mask);
    }
    workspace.setSteps(steps, scored, count, cases, withTargets && batch.mask !== undefined);
  }

  private reserve(pool: WorkspacePool, index: number, room: RecurrentRoom): RecurrentWorkspace {
    const { memory, layout } = this.engine;
    return pool.at<RecurrentWorkspace>(
      index,
      (workspace) => workspace.holds(room),
      () => new RecurrentWorkspace(memory, layout, this.description, this.operands, room),
    );
  }
}

function allSteps(steps: number): ScoredSteps {
  return { scored: Int32Array.from({ length: steps }, (_, t) => t), count: steps, steps };
}

/**
 * The steps at which some case has a mask other than 0; of a part without any the first step, which scores nothing. Throws
 * InvalidOptionError for a mask that is negative, not finite, or 0 everywhere in a batch of the user's.
 */
function scoredSteps(batch: Batch): ScoredSteps {
  const { mask, cases, steps } = batch;
  if (!mask) return allSteps(steps!);
  const scored = new Int32Array(steps!).fill(-1);
  let count = 0;
  let last = -1;
  for (let t = 0; t < steps!; t++) {
    for (let m = 0; m < cases; m++) {
      const weight = mask[t * cases + m];
      if (!(weight >= 0 && weight < Infinity))
        throw new InvalidOptionError(`batch.mask[${t * cases + m}]`, weight, "a finite number of at least 0");
      if (weight > 0 && last < t) {
        scored[t] = count++;
        last = t;
      }
    }
  }
  if (count === 0) {
    if (!isPart(batch)) throw new InvalidOptionError("batch.mask", "0 everywhere", "greater than 0 at some step, or nothing is scored");
    scored[0] = 0;
    return { scored, count: 1, steps: 1 };
  }
  return { scored, count, steps: last + 1 };
}
