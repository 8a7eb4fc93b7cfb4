import { formatCount } from "./format.js";

/** A labelled or (label "") unlabelled mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** One axis of a plot: maps values to positions from 0 to `length`. */
export interface Axis {
  readonly minimum: number;
  readonly maximum: number;
  readonly ticks: readonly Tick[];
  position(value: number): number;
}

/** Short enough for the margin of a plot. */
const plain = (value: number): string =>
  value >= 1e5 || value < 1e-4 ? value.toExponential(0).replace("e+", "e") : value >= 1 ? formatCount(value) : String(Number(value.toPrecision(6)));

/** Powers of ten that a logarithmic axis has room to label. */
const mostPowers = 10;

/**
 * Ticks of a logarithmic axis from `minimum` to `maximum` (both > 0): every 1, 2, ..., 9 times a power of ten inside the
 * range. Powers of ten are labelled; over less than three decades 2 and 5 are too, over less than half a decade every tick is. Over more
 * than ten decades, as of a loss that explodes, there are ticks at every second, third, ... power only.
 */
export function logTicks(minimum: number, maximum: number): Tick[] {
  const decades = Math.log10(maximum / minimum);
  const labelled = decades < 0.5 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / mostPowers));
  const digits = stride > 1 ? 1 : 9;
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(minimum)); power <= Math.ceil(Math.log10(maximum)); power++) {
    if (power % stride !== 0) continue;
    for (let digit = 1; digit <= digits; digit++) {
      const value = Number(`${digit}e${power}`);
      if (value < minimum || value > maximum) continue;
      ticks.push({ value, label: labelled.includes(digit) ? plain(value) : "" });
    }
  }
  return ticks;
}

/** A linear axis over the values given (those not finite are ignored), widened by a share `margin` of their range on both sides; ticks at steps of 1, 2 or 5 times a power of ten. */
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
  const ticks: Tick[] = [];
  for (let at = Math.ceil(minimum / step); at * step <= maximum; at++) {
    // Without the rounding errors of at * step.
    const value = Number((at * step).toPrecision(12));
    ticks.push({ value, label: String(value) });
  }
  return { minimum, maximum, ticks, position: (value) => ((value - minimum) / (maximum - minimum)) * length };
}

/**
 * A logarithmic axis on which 0 has a place too: at its lower end, a third of `resolution`, the smallest value other than 0 that there can be. No tick
 * lies between.
 */
export function logAxisWithZero(values: readonly number[], length: number, resolution: number, margin = 1.1): Axis {
  const bottom = resolution / 3;
  const axis = logAxis([...values, bottom], length, margin);
  const ticks = [{ value: 0, label: "0" }, ...axis.ticks.filter(({ value }) => value >= resolution)];
  return { ...axis, ticks, position: (value) => axis.position(value === 0 ? bottom : value) };
}

/** A logarithmic axis over the values given (those not positive and finite are ignored), widened by the factor `margin` on both sides. */
export function logAxis(values: readonly number[], length: number, margin = 1.1): Axis {
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
    ticks: logTicks(minimum, maximum),
    position: (value) => (Math.log(value / minimum) / span) * length,
  };
}
