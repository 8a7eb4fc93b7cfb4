import { ROWS_LOSS, ROWS_PREDICT } from "../abi/arguments.js";
import { ROW_ERROR, ROW_LOSS } from "../abi/descriptor.js";
import { allocate } from "../boundary/allocate.js";
import type { ProgramArguments } from "./arguments.js";
import type { Batch } from "./batch.js";
import type { Forward } from "./chunk.js";
import type { Evaluation } from "./evaluation.js";
import { overParts } from "./forward.js";
import type { NetworkInterior } from "./networkInterior.js";
import { throwForStatus } from "./status.js";
import type { Work } from "./work.js";
import { ZeroOne } from "./zeroOne.js";

/** What a scoring pass is for. */
interface Scoring {
  /** Makes the point that is scored the one that the kernels read: whoever ran at a yield may have packed another. */
  readonly aim: () => void;
  /** Whether the zero-one error is counted too, where the network has one. */
  readonly zeroOne: boolean;
  /** What the batch is called in messages. */
  readonly option: string;
  /** Where the outputs whose mask is not 0 go, steps x cases x units, if they are wanted. */
  readonly outputs?: Float32Array;
}

/**
 * Means of loss and squared error over a batch, finite or not, and the zero-one error of a classifier, from one forward pass. A case's
 * numbers are the kernels'; they are added in f64 in the order of the cases (step by step), first over a chunk, then over chunks.
 */
export function* score(
  network: NetworkInterior,
  args: ProgramArguments,
  batch: Batch,
  { aim, zeroOne, option, outputs }: Scoring,
): Work<Evaluation> {
  const forward = network.forward(batch, ROWS_LOSS);
  const { steps, chunk } = forward;
  const mistakes = zeroOne ? ZeroOne.of(network.description) : undefined;
  const targets = batch.targets ?? batch.inputs;
  const units = targets.length / ((batch.steps ?? 1) * batch.cases);
  const row = network.engine.layout.paddedColumns(units);
  const rows = steps.length * Math.min(chunk, batch.cases);
  const losses = allocate(Float64Array, rows, "losses");
  const errors = allocate(Float64Array, rows, "errors");
  let loss = 0;
  let error = 0;
  yield* overParts(network, forward, batch.cases, ({ first, cases, chunkFirst, chunkCases }) => {
    aim();
    const { network: descriptor, layerRows } = forward.stage(first, cases);
    args.rows(descriptor, cases, ROWS_LOSS, steps.length * cases);
    throwForStatus(network.engine.use().run(network.programs.rows, args.address), batch, network.description.loss, option);
    const { i32, f32, f64 } = network.engine.memory;
    const rowLoss = i32[(descriptor + ROW_LOSS) >>> 2] >>> 3;
    const rowError = i32[(descriptor + ROW_ERROR) >>> 2] >>> 3;
    const lastRows = layerRows.at(-1)! >>> 2;
    for (let s = 0; s < steps.length; s++) {
      const to = s * chunkCases + first - chunkFirst;
      losses.set(f64.subarray(rowLoss + s * cases, rowLoss + (s + 1) * cases), to);
      errors.set(f64.subarray(rowError + s * cases, rowError + (s + 1) * cases), to);
      if (mistakes === undefined && outputs === undefined) continue;
      for (let m = 0; m < cases; m++) {
        const from = lastRows + (s * cases + m) * row;
        const place = steps[s] * batch.cases + first + m;
        const weight = batch.mask?.[place] ?? 1;
        // The kernels make no outputs where nothing is scored.
        if (weight === 0) continue;
        mistakes?.add(f32, from, targets, place * units, weight);
        outputs?.set(f32.subarray(from, from + units), place * units);
      }
    }
    if (first + cases < chunkFirst + chunkCases) return;
    loss += sumInOrder(losses, steps.length * chunkCases);
    error += sumInOrder(errors, steps.length * chunkCases);
  });
  const means = { loss: loss / batch.cases, squaredError: error / batch.cases };
  return mistakes === undefined ? means : { ...means, zeroOne: mistakes.error };
}

/** values[0] + values[1] + ..., strictly from first to last, as assembly/math/sum.ts adds the losses of a gradient. */
function sumInOrder(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  return sum;
}

/** The activations of layer `layer` (from 1), `units` wide, at theta: steps x cases x units. */
export function* layerActivations(
  network: NetworkInterior,
  args: ProgramArguments,
  forward: Forward,
  batch: Batch,
  layer: number,
  units: number,
): Work<Float32Array<ArrayBuffer>> {
  const { steps } = forward;
  const row = network.engine.layout.paddedColumns(units);
  const out = allocate(Float32Array, steps.length * batch.cases * units, "what the layer puts out");
  yield* overParts(network, forward, batch.cases, ({ first, cases }) => {
    network.pack(0, 0);
    const { network: descriptor, layerRows } = forward.stage(first, cases);
    args.rows(descriptor, cases, ROWS_PREDICT, steps.length * cases);
    network.engine.use().run(network.programs.rows, args.address);
    const { f32 } = network.engine.memory;
    const from = layerRows[layer - 1] >>> 2;
    for (let s = 0; s < steps.length; s++) {
      for (let m = 0; m < cases; m++) {
        const at = from + (s * cases + m) * row;
        out.set(f32.subarray(at, at + units), (s * batch.cases + first + m) * units);
      }
    }
  });
  return out;
}
