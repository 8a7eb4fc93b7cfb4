import { ROWS_PREDICT } from "../../abi/arguments.js";
import { PROGRAM_ROWS, PROGRAM_UPDATE } from "../../abi/programs.js";
import { allocate } from "../../boundary/allocate.js";
import { type Initialization, initialValues, type LayerShape } from "../../initialize/index.js";
import type { Engine } from "../../runtime/engine.js";
import { checkInteger } from "../../validate.js";
import { type Batch, checkBatch } from "../batch.js";
import type { Chunk, Purpose } from "../chunk.js";
import { checkFeedForward, type FeedForwardDescription } from "../describe.js";
import { Network } from "../network.js";
import { feedForwardLayout } from "../parameterLayout.js";
import { checkAnswer, checkFinite } from "../status.js";
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
  predict(batch: Batch): Float32Array {
    return this.activations(batch, this.parameters.layers.length);
  }

  /**
   * Activations of layer `layer` (1 is the first hidden layer, the number of weight layers is the output), cases x units. Throws
   * ShapeError, InvalidOptionError, and DivergedError where f32 cannot hold them.
   */
  activations(batch: Batch, layer: number): Float32Array {
    this.use();
    const { sizes } = this.description;
    checkInteger("layer", layer, 1, sizes.length - 1);
    this.check(batch, "unused");
    checkFinite("batch.inputs", batch.inputs);
    this.pack(0, 0);
    const units = sizes[layer];
    const row = this.engine.layout.paddedColumns(units);
    const out = allocate(Float32Array, batch.cases * units, "what the layer puts out");
    let done = 0;
    this.walk(batch, { goal: ROWS_PREDICT }, ({ network, cases }, { layerRows }) => {
      this.args.rows(network, cases, ROWS_PREDICT);
      this.engine.use().run(PROGRAM_ROWS, this.args.address);
      const memory = this.engine.memory.f32;
      const from = layerRows[layer - 1] >>> 2;
      for (let i = 0; i < cases; i++, done++) out.set(memory.subarray(from + i * row, from + i * row + units), done * units);
    });
    return checkAnswer(layer === sizes.length - 1 ? "an output" : `an activation of layer ${layer}`, out);
  }

  /** @internal */ check(batch: Batch, targets: "needed" | "unused", option = "batch"): void {
    const { sizes, autoencoder } = this.description;
    checkBatch(option, batch, sizes[0], sizes.at(-1)!, targets === "needed" && autoencoder ? "inputs" : targets);
  }

  /** @internal */ gradientRows(batch: Batch): number {
    return batch.cases;
  }

  /** @internal */ forEachChunk(batch: Batch, purpose: Purpose, run: (chunk: Chunk) => void): void {
    this.walk(batch, purpose, run);
  }

  private walk(batch: Batch, { goal, pool }: Purpose, run: (chunk: Chunk, workspace: FeedForwardWorkspace) => void): void {
    const { sizes } = this.description;
    const inputs = sizes[0];
    const outputs = sizes.at(-1)!;
    const targets = batch.targets ?? batch.inputs;
    const chunk = chunkCases(this.description, this.engine.layout);
    const memory = this.engine.memory;
    for (let first = 0; first < batch.cases; first += chunk) {
      const cases = Math.min(chunk, batch.cases - first);
      const whole = cases === batch.cases;
      const workspace = pool ? this.reserve(pool, first / chunk, cases) : this.reserve(this.workspaces, 0, Math.min(batch.cases, chunk));
      memory.f32.set(whole ? batch.inputs : batch.inputs.subarray(first * inputs, (first + cases) * inputs), workspace.inputs >>> 2);
      if (goal !== ROWS_PREDICT)
        memory.f32.set(whole ? targets : targets.subarray(first * outputs, (first + cases) * outputs), workspace.targets >>> 2);
      run({ network: workspace.network, cases, rows: cases, isFirst: first === 0, isLast: first + cases === batch.cases }, workspace);
    }
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
