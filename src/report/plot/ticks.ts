import { formatCount } from "../text/format.js";

/** A labeled or (label "") unlabeled mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Pixels that a label takes along its axis, the gap to the next one included. */
export type LabelRoom = (label: string) => number;

/** Room on a vertical axis for a label of 13 px type. */
export const labelHeight: LabelRoom = () => 15;

/** Room on a horizontal axis for a label of 13 px type, whose points and commas are half as wide as its digits. */
export const labelWidth: LabelRoom = (label) => 7.5 * (label.length - 0.5 * label.replace(/[^.,]/g, "").length) + 6;

/** Powers of ten that a logarithmic axis has room to label. */
const mostPowers = 10;

/** Fewer labels than this do not tell a logarithmic scale from a linear one. */
const fewestLabels = 3;

/** Which multiples of a power of ten have a label, from the most labels to the fewest. */
const digitSets: readonly (readonly number[])[] = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];

/**
 * Ticks of a logarithmic axis from `minimum` to `maximum` (both > 0), `length` pixels long: every 1, 2, ..., 9 times a power of ten inside
 * the range. Powers of ten are labeled; over less than three decades 2 and 5 are too, over less than half a decade every tick is. Over
 * more than ten decades, as of a loss that explodes, there are ticks at every second, third, ... power only.
 *
 * Where that gives fewer than three labels, more of the digits are labeled, and where those are too few as well, ticks are evenly spaced
 * round numbers. Where it gives labels that overlap, fewer are. A range too short or an axis too small for three labels has as many as
 * there is room for.
 */
export function logTicks(minimum: number, maximum: number, length = Infinity, room: LabelRoom = labelHeight): Tick[] {
  const decades = Math.log10(maximum / minimum);
  if (!(decades > 0)) return minimum === maximum ? [{ value: minimum, label: plain(minimum) }] : [];
  const usual = decades < 0.5 ? 0 : decades < 3 ? 2 : 4;
  const stride = Math.max(1, Math.ceil(decades / mostPowers));
  const choices = [
    ...[...digitSets.slice(0, usual + 1).reverse(), ...digitSets.slice(usual + 1)].map((digits) =>
      digitTicks(minimum, maximum, digits, stride),
    ),
    ...[2, 3, 5, 10].map((times) => digitTicks(minimum, maximum, [1], times * stride)),
  ];
  // Over a decade or more even steps would crowd at the upper end.
  if (decades < 1) choices.splice(usual + 1, 0, ...evenTicks(minimum, maximum));
  const fitting = choices.filter((ticks) => hasRoom(ticks, length / decades, room));
  const count = (ticks: readonly Tick[]): number => ticks.filter(({ label }) => label !== "").length;
  return (
    fitting.find((ticks) => count(ticks) >= fewestLabels) ??
    fitting.reduce((most, ticks) => (count(ticks) > count(most) ? ticks : most), [])
  );
}

/** The round numbers from `minimum` to `maximum` that lie `step` apart. */
export function stepTicks(minimum: number, maximum: number, step: number, labelOf: (value: number) => string): Tick[] {
  const ticks: Tick[] = [];
  for (let at = Math.ceil(minimum / step); at * step <= maximum; at++) {
    // Without the rounding errors of at * step.
    const value = Number((at * step).toPrecision(12));
    ticks.push({ value, label: labelOf(value) });
  }
  return ticks;
}

/** Multiples of powers of ten, or of every `stride`-th power only; those of `labeled` have a label. */
function digitTicks(minimum: number, maximum: number, labeled: readonly number[], stride: number): Tick[] {
  const digits = stride > 1 ? 1 : 9;
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(minimum)); power <= Math.ceil(Math.log10(maximum)); power++) {
    if (power % stride !== 0) continue;
    for (let digit = 1; digit <= digits; digit++) {
      const value = Number(`${digit}e${power}`);
      if (value < minimum || value > maximum) continue;
      ticks.push({ value, label: labeled.includes(digit) ? plain(value) : "" });
    }
  }
  return ticks;
}

/** Ticks at even steps of 1, 2 or 5 times a power of ten, from few to enough of them: at the smallest step there are five or more. */
function evenTicks(minimum: number, maximum: number): Tick[][] {
  const power = 10 ** Math.floor(Math.log10(maximum - minimum));
  // Numbers have 16 digits: nothing lies between two that differ in the last of them.
  if (power < 1e-10 * maximum) return [];
  return [5, 2, 1, 0.5, 0.2].map((size) => stepTicks(minimum, maximum, size * power, plain));
}

function hasRoom(ticks: readonly Tick[], decade: number, room: LabelRoom): boolean {
  const labeled = ticks.filter(({ label }) => label !== "");
  return labeled.every(
    ({ value, label }, at) =>
      at === 0 || Math.log10(value / labeled[at - 1].value) * decade >= (room(label) + room(labeled[at - 1].label)) / 2,
  );
}

/** Short enough for the margin of a plot, and exact. */
function plain(value: number): string {
  if (value >= 1e5 || value < 1e-4) return Number(value.toPrecision(12)).toExponential().replace("e+", "e");
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(12)));
}
