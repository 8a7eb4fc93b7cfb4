/** Steps, cases and units of hidden states that lie side by side: unit by unit, case by case, step by step. */
export interface StatesShape {
  readonly steps: number;
  readonly cases: number;
  readonly hidden: number;
}

/** Numbers about hidden states, over their first `steps` steps; all are root mean squares but the last. */
export interface StatesNumbers {
  /** Of the states themselves. */
  readonly size: number;
  /** Of the change of a state from one step to the next: how much it oscillates. */
  readonly oscillation: number;
  /** Of what tells sequences apart: of each state less the mean of all sequences at that step and unit. */
  readonly spread: number;
  /** Of the difference from the states at the start, and the largest difference. */
  readonly difference: number;
  readonly largestDifference: number;
}

/** Measures states, and holds them against those at the start. */
export function measureStates(values: Float32Array, start: Float32Array, shape: StatesShape): StatesNumbers {
  const { steps, cases, hidden } = shape;
  const row = cases * hidden;
  const count = steps * row;
  const [size, oscillation, difference] = [new RootMeanSquare(), new RootMeanSquare(), new RootMeanSquare()];
  for (let at = 0; at < count; at++) {
    size.add(values[at]);
    difference.add(values[at] - start[at]);
    if (at >= row) oscillation.add(values[at] - values[at - row]);
  }
  return {
    size: size.root(),
    oscillation: oscillation.root(),
    spread: spreadOverSequences(values, shape),
    difference: difference.root(),
    largestDifference: difference.largest,
  };
}

/**
 * How much of the hidden states (steps x cases x hidden) tells sequences apart: the root mean square, over the first `steps` steps, of each
 * state less the mean of all sequences at that step and unit. What was read is in this part; what the biases and marks in common do is not.
 */
export function spreadOverSequences(values: Float32Array, { steps, cases, hidden }: StatesShape): number {
  const deviations = new RootMeanSquare();
  for (let t = 0; t < steps; t++) {
    for (let unit = 0; unit < hidden; unit++) {
      const at = (sequence: number): number => values[(t * cases + sequence) * hidden + unit];
      let mean = 0;
      for (let sequence = 0; sequence < cases; sequence++) mean += at(sequence) / cases;
      for (let sequence = 0; sequence < cases; sequence++) deviations.add(at(sequence) - mean);
    }
  }
  return deviations.root();
}

/** A root mean square under way, and the largest size met; both are 0 of nothing. */
class RootMeanSquare {
  largest = 0;
  private sum = 0;
  private count = 0;

  add(value: number): void {
    this.sum += value * value;
    this.count++;
    this.largest = Math.max(this.largest, Math.abs(value));
  }

  root(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.sum / this.count);
  }
}
