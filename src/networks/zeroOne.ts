import type { Activation, NetworkDescription } from "./describe.js";

/** What a network puts out: how many units of which kind. */
function outputsOf(description: NetworkDescription): { readonly output: Activation; readonly outputs: number } {
  return description.kind === "recurrent" ? description : { output: description.activations.at(-1)!, outputs: description.sizes.at(-1)! };
}

/**
 * The zero-one error of a classifier, row by row: a row is a case, or a case at a time step.
 *
 *     softmax                  wrong unless argmax(outputs) = argmax(targets), the first of equals
 *     a single logistic unit   wrong unless (output >= 0.5) = (target >= 0.5)
 *
 * The error is sum w wrong / sum w, w the weight of a row: 1, or its mask. An output that is NaN is wrong.
 */
export class ZeroOne {
  private readonly units: number;
  private wrong = 0;
  private weight = 0;

  private constructor(units: number) {
    this.units = units;
  }

  /** Undefined for a network that is no classifier. */
  static of(description: NetworkDescription): ZeroOne | undefined {
    const { output, outputs } = outputsOf(description);
    return output === "softmax" || (output === "logistic" && outputs === 1) ? new ZeroOne(outputs) : undefined;
  }

  /** The row whose outputs begin at `at` and whose targets begin at `from`. */
  add(outputs: Float32Array, at: number, targets: Float32Array, from: number, weight: number): void {
    this.weight += weight;
    if (classOf(outputs, at, this.units) !== classOf(targets, from, this.units)) this.wrong += weight;
  }

  /** 0 where no row has been scored. */
  get error(): number {
    return this.weight === 0 ? 0 : this.wrong / this.weight;
  }
}

/** The class that a row stands for; NaN, which equals nothing, where one of its values is NaN. */
function classOf(values: Float32Array, at: number, units: number): number {
  if (units === 1) return Number.isNaN(values[at]) ? Number.NaN : Number(values[at] >= 0.5);
  let best = 0;
  for (let j = 0; j < units; j++) {
    if (Number.isNaN(values[at + j])) return Number.NaN;
    if (values[at + j] > values[at + best]) best = j;
  }
  return best;
}
