import { ROWS_PREDICT } from "../../abi/arguments.js";
import { PROGRAM_ROWS, PROGRAM_UPDATE } from "../../abi/programs.js";
import { type Initialization, initialValues, type LayerShape } from "../../initialize/index.js";
import type { Engine } from "../../runtime/engine.js";
import { checkInteger } from "../../validate.js";
import { type Batch, checkBatch } from "../batch.js";
import type { Chunk, Forward, Purpose } from "../chunk.js";
import { checkFeedForward, type FeedForwardDescription } from "../describe.js";
import { partCases } from "../forward.js";
import { Network } from "../network.js";
import { feedForwardLayout } from "../parameterLayout.js";
import { layerActivations } from "../scoring.js";
import { checkAnswer, checkingFinite } from "../status.js";
import { runThrough, type Work } from "../work.js";
import type { WorkspacePool } from "../workspacePool.js";
import { chunkCases, FeedForwardWorkspace } from "./feedForwardWorkspace.js";

/**
 * A feed-forward network: layer l computes y_l = activation_l(y_{l-1} W_l + b_l), row vectors.
 *
 * Public parameter order: per layer weights (inputs x outputs, row-major), then biases.
 */
export class FeedForwardNetwork extends Network {
  readonly description: FeedForwardDescription;
  /** @internal */ readonly programs = { rows: PROGRAM_ROWS, update: PROGRAM_UPDATE };

  /** @internal Use `runtime.network`. */
  constructor(engine: Engine, description: FeedForwardDescription) {
    const checked = checkFeedForward(description);
    super(engine, feedForwardLayout(checked.sizes, engine.layout), checked.activations, checked.loss);
    this.description = checked;
  }

  initialize(initialization: Initialization, seed = 1): void {
    this.use();
    const { sizes, activations } = this.description;
    const layers = activations.map(
      (activation, l): LayerShape => ({
        inputs: sizes[l],
        outputs: sizes[l + 1],
        activation,
        inputActivation: l === 0 ? "data" : activations[l - 1],
      }),
    );
    this.setParameters(initialValues(initialization, layers, seed));
  }

  /** Outputs for a batch, cases x outputs. Throws ShapeError, InvalidOptionError, and DivergedError where f32 cannot hold them. */
  predict(batch: Batch): Float32Array<ArrayBuffer> {
    return runThrough(this.predictInSlices(batch));
  }

  /** @internal `predict` in slices, as `evaluateInSlices` is `evaluate` in slices. */
  predictInSlices(batch: Batch): Work<Float32Array<ArrayBuffer>> {
    return this.activationsInSlices(batch, this.parameters.layers.length);
  }

  /**
   * Activations of layer `layer` (1 is the first hidden layer, the number of weight layers is the output), cases x units. Throws
   * ShapeError, InvalidOptionError, and DivergedError where f32 cannot hold them.
   */
  activations(batch: Batch, layer: number): Float32Array<ArrayBuffer> {
    return runThrough(this.activationsInSlices(batch, layer));
  }

  /** @internal `activations` in slices, as `evaluateInSlices` is `evaluate` in slices. */
  activationsInSlices(batch: Batch, layer: number): Work<Float32Array<ArrayBuffer>> {
    this.use();
    checkInteger("layer", layer, 1, this.description.sizes.length - 1);
    this.check(batch, "unused");
    return this.activating(batch, layer);
  }

  private *activating(batch: Batch, layer: number): Work<Float32Array<ArrayBuffer>> {
    const { sizes } = this.description;
    yield* checkingFinite("batch.inputs", batch.inputs);
    const out = yield* layerActivations(this, this.args, this.forward(batch, ROWS_PREDICT), batch, layer, sizes[layer]);
    return checkAnswer(layer === sizes.length - 1 ? "an output" : `an activation of layer ${layer}`, out);
  }

  /** @internal */ check(batch: Batch, targets: "needed" | "unused", option = "batch"): void {
    const { sizes, autoencoder } = this.description;
    checkBatch(option, batch, sizes[0], sizes.at(-1)!, targets === "needed" && autoencoder ? "inputs" : targets);
  }

  /** @internal */ gradientRows(batch: Batch): number {
    return batch.cases;
  }

  /** @internal */ forward(batch: Batch, goal: number): Forward {
    const { layout } = this.engine;
    const chunk = chunkCases(this.description, layout);
    const part = partCases(layout, this.parameterCount, chunk);
    return {
      chunk,
      part,
      steps: [0],
      stage: (first, cases) => {
        const workspace = this.reserve(this.workspaces, 0, Math.min(batch.cases, part));
        this.stage(batch, first, cases, workspace, goal !== ROWS_PREDICT);
        return workspace;
      },
    };
  }

  /** @internal */ forEachChunk(batch: Batch, { pool }: Purpose, run: (chunk: Chunk) => void): void {
    const chunk = chunkCases(this.description, this.engine.layout);
    for (let first = 0; first < batch.cases; first += chunk) {
      const cases = Math.min(chunk, batch.cases - first);
      const workspace = pool ? this.reserve(pool, first / chunk, cases) : this.reserve(this.workspaces, 0, Math.min(batch.cases, chunk));
      this.stage(batch, first, cases, workspace, true);
      run({ network: workspace.network, cases, rows: cases, isFirst: first === 0, isLast: first + cases === batch.cases });
    }
  }

  /** Copies cases [first, first + cases) into a workspace. */
  private stage(batch: Batch, first: number, cases: number, workspace: FeedForwardWorkspace, withTargets: boolean): void {
    const { sizes } = this.description;
    const memory = this.engine.memory.f32;
    const copy = (values: Float32Array, units: number, address: number): void => {
      memory.set(cases === batch.cases ? values : values.subarray(first * units, (first + cases) * units), address >>> 2);
    };
    copy(batch.inputs, sizes[0], workspace.inputs);
    if (withTargets) copy(batch.targets ?? batch.inputs, sizes.at(-1)!, workspace.targets);
  }

  private reserve(pool: WorkspacePool, index: number, cases: number): FeedForwardWorkspace {
    const { memory, layout } = this.engine;
    return pool.at<FeedForwardWorkspace>(
      index,
      ({ capacity }) => capacity >= cases,
      () => new FeedForwardWorkspace(memory, layout, this.description, this.operands, cases),
    );
  }
}
