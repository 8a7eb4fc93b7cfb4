import { type LabelRoom, labelHeight, logTicks, stepTicks, type Tick } from "./ticks.js";

/** One axis of a plot: maps values to positions from 0 to `length`. */
export interface Axis {
  readonly minimum: number;
  readonly maximum: number;
  readonly ticks: readonly Tick[];
  position(value: number): number;
}

/**
 * A linear axis over the values given (those not finite are ignored), widened by a share `margin` of their range on both sides; ticks at
 * steps of 1, 2 or 5 times a power of ten.
 */
export function linearAxis(values: readonly number[], length: number, margin = 0.1): Axis {
  const finite = values.filter(Number.isFinite);
  let [minimum, maximum] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
  if (minimum === maximum) [minimum, maximum] = [minimum - 0.5, maximum + 0.5];
  const widened = margin * (maximum - minimum);
  minimum -= widened;
  maximum += widened;
  const rough = (maximum - minimum) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((size) => size * power >= rough) ?? 10);
  const ticks = stepTicks(minimum, maximum, step, String);
  return { minimum, maximum, ticks, position: (value) => ((value - minimum) / (maximum - minimum)) * length };
}

/**
 * A logarithmic axis on which 0 has a place too: at its lower end, a third of `resolution`, the smallest value other than 0 that there can
 * be. No tick lies between.
 */
export function logAxisWithZero(values: readonly number[], length: number, resolution: number, margin = 1.1): Axis {
  const bottom = resolution / 3;
  const axis = logAxis([...values, bottom], length, margin);
  const ticks = [{ value: 0, label: "0" }, ...logTicks(resolution, axis.maximum, length - axis.position(resolution))];
  return { ...axis, ticks, position: (value) => axis.position(value === 0 ? bottom : value) };
}

/**
 * A logarithmic axis over the values given (those not positive and finite are ignored), widened by the factor `margin` on both sides;
 * `room` says what its labels take of the length, by default as they do on a vertical axis.
 */
export function logAxis(values: readonly number[], length: number, margin = 1.1, room: LabelRoom = labelHeight): Axis {
  let minimum = Infinity;
  let maximum = 0;
  for (const value of values) {
    if (!(value > 0) || value === Infinity) continue;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (maximum === 0) [minimum, maximum] = [1, 10];
  if (minimum === maximum) [minimum, maximum] = [minimum / 2, maximum * 2];
  minimum /= margin;
  maximum *= margin;
  const span = Math.log(maximum / minimum);
  return {
    minimum,
    maximum,
    ticks: logTicks(minimum, maximum, length, room),
    position: (value) => (Math.log(value / minimum) / span) * length,
  };
}
