import { formatError } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { type Divergence, divergenceOf, edgeOf, hasLearnedNothing, type TableCell, type TableTrial } from "./tableCell.js";

/** Something that the paper's numbers say of each other, and whether ours say it too. */
export interface Ordering {
  readonly claim: string;
  /** not decided: trials are missing, seeds lie further apart than the numbers that are compared, or none of them has learned anything. */
  readonly verdict: "found" | "not found" | "not decided";
  /** Our numbers, and why nothing was decided where that is so. */
  readonly numbers: string;
  /** That a number it compares is not there yet; otherwise left out. */
  readonly isMissing?: true;
}

/** Numbers of several seeds, of which the lowest and the highest count. */
export interface Range {
  readonly name: string;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  readonly seeds: number;
  /** The keys of the trials that they are of; none of numbers that are no trials'. */
  readonly trials?: readonly string[];
  /** That they are about what answering without looking at the inputs costs, or that all diverged; otherwise left out. */
  readonly isNothing?: true;
  /** That the rate they are of is an end of those tried; otherwise left out. */
  readonly edge?: "largest" | "smallest";
  /** How all of them came to be infinite; otherwise left out. */
  readonly divergence?: Divergence;
  /** Why there are none, in place of all these. */
  readonly missing?: undefined;
}

/** A number that is not there yet. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

/** The errors of a cell's best rate; infinite where it diverged at every rate. */
export function rangeOf(cell: TableCell | undefined, name = cell?.column ?? ""): Range | Missing {
  if (cell === undefined || cell.state === "missing") return { name, missing: `${name} was not run` };
  if (cell.state === "partial") return { name, missing: `trials of ${name} are missing` };
  if (cell.best === undefined) return { ...range(name, [Infinity]), isNothing: true, divergence: divergenceOf(cell) };
  const trials = cell.best.trials.map(({ key }) => key);
  const edge = edgeOf(cell);
  const [nothing, atEdge] = [hasLearnedNothing(cell) ? { isNothing: true as const } : {}, edge === undefined ? {} : { edge }];
  return { ...range(name, errorsOf(cell.best.trials)), trials, ...nothing, ...atEdge };
}

/** The mean, the lowest and the highest of some numbers. */
export function range(name: string, values: readonly number[]): Range {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { name, mean, lowest: Math.min(...values), highest: Math.max(...values), seeds: values.length };
}

/** The errors of trials that have one. */
export function errorsOf(trials: readonly TableTrial[]): number[] {
  return trials.flatMap(({ error }) => (error === undefined ? [] : [error]));
}

/** Two numbers of one seed each that lie nearer than this share of the larger decide nothing: another seed might turn them round. */
const leastDistance = 0.01;

/** That one number is below another times `factor`, or, with `orEqual`, not above it. */
export function lower(claim: string, one: Range | Missing, other: Range | Missing, { factor = 1, orEqual = false } = {}): Ordering {
  const missing = [one, other].flatMap((range) => (range.missing === undefined ? [] : [range.missing]));
  if (one.missing !== undefined || other.missing !== undefined) return notDecided(claim, missing.join("; "));
  const bound = { lowest: factor * other.lowest, highest: factor * other.highest };
  const isBelow = orEqual ? one.highest <= bound.lowest : one.highest < bound.lowest;
  const isAbove = orEqual ? one.lowest > bound.highest : one.lowest >= bound.highest;
  const numbers = `${describe(one)} against ${describe(other)}`;
  if (isSame(one, other)) return { claim, verdict: "not decided", numbers: `${numbers}: the same trials` };
  // Which of two that learned nothing is the lower says nothing of them.
  if (one.isNothing && other.isNothing) return { claim, verdict: "not decided", numbers: `${numbers}: neither has learned anything` };
  if (one.divergence?.isOfChosen || other.divergence?.isOfChosen)
    return { claim, verdict: "not decided", numbers: `${numbers}: other rates might not have` };
  if (factor === 1 && isOneTrial(one) && isOneTrial(other) && isNear(one.mean, other.mean))
    return { claim, verdict: "not decided", numbers: `${numbers}: of one seed each, and less than a hundredth apart` };
  if (isBelow) return { claim, verdict: "found", numbers };
  if (isAbove) return { claim, verdict: "not found", numbers };
  return { claim, verdict: "not decided", numbers: `${numbers}: the seeds lie further apart` };
}

/** What is known exactly has no seeds that might turn it round. */
function isOneTrial({ trials }: Range): boolean {
  return trials?.length === 1;
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) < leastDistance * Math.max(one, other);
}

/** Whether two numbers are those of the same trials, as where a cap is not reached or a second phase does not begin. */
function isSame({ trials: one }: Range, { trials: other }: Range): boolean {
  return one !== undefined && other !== undefined && one.length === other.length && one.every((key) => other.includes(key));
}

/** The range of the lowest mean; missing where one is. */
export function lowestOf(name: string, ranges: readonly (Range | Missing)[]): Range | Missing {
  const there = ranges.filter((range): range is Range => range.missing === undefined);
  if (there.length < ranges.length || there.length === 0) return { name, missing: `not all of ${name} was run` };
  return there.reduce((least, range) => (range.mean < least.mean ? range : least));
}

/** The least share of the error that a final phase takes away from every seed where it has a gain; the paper's take 0.23, 0.39 and 0.29. */
const leastGain = 0.1;

/** That a final phase lowered the error of a cell, from every seed. */
export function gained(claim: string, cell: TableCell | undefined): Ordering {
  const range = rangeOf(cell);
  if (range.missing !== undefined) return notDecided(claim, range.missing);
  const pairs = cell?.best?.trials.flatMap(({ beforeFinal, error }): [number, number][] =>
    beforeFinal === undefined || error === undefined ? [] : [[beforeFinal, error]],
  );
  if (pairs === undefined || pairs.length === 0) return notDecided(claim, "there is none before it");
  const own = pairs.map(([before, after]) => `${formatError(before)} to ${formatError(after)}`).join("; ");
  const numbers = `${own}, ${changeText(pairs)}${paperChange(cell)}`;
  if (range.isNothing) return { claim, verdict: "not decided", numbers: `${numbers}: nothing was learned` };
  const lowered = pairs.filter(([before, after]) => after < before);
  if (lowered.length === 0) return { claim, verdict: "not found", numbers };
  if (lowered.length < pairs.length) return { claim, verdict: "not decided", numbers: `${numbers}: the seeds do not agree` };
  if (pairs.every(([before, after]) => after <= (1 - leastGain) * before)) return { claim, verdict: "found", numbers };
  return { claim, verdict: "not decided", numbers: `${numbers}: less than a tenth` };
}

/** "0.7 % less": from the mean of the numbers before to that of those after. */
function changeText(pairs: readonly (readonly [before: number, after: number])[]): string {
  const [before, after] = [0, 1].map((at) => pairs.reduce((sum, pair) => sum + pair[at], 0));
  if (before === after) return "no change";
  return `${Number(((100 * Math.abs(after - before)) / before).toPrecision(2))} % ${after < before ? "less" : "more"}`;
}

function paperChange({ paperBefore, paper }: Pick<TableCell, "paperBefore" | "paper"> = {}): string {
  return paperBefore === undefined || paper === undefined ? "" : `; the paper's ${changeText([[paperBefore, paper]])}`;
}

/** That a number is not there yet which a claim compares. */
export function notDecided(claim: string, numbers: string): Ordering {
  return { claim, verdict: "not decided", numbers, isMissing: true };
}

/** "3.210", "3.210 (3.100 to 3.300) at the largest rate tried", "diverged at every rate". */
function describe({ mean, lowest, highest, seeds, edge, divergence }: Range): string {
  if (divergence !== undefined) return divergence.words;
  const spread = seeds === 1 ? "" : ` (${formatError(lowest)} to ${formatError(highest)})`;
  return `${formatError(mean)}${spread}${edge === undefined ? "" : ` at the ${edge} rate tried`}`;
}

/** What the orderings of a study are called, and how they are decided. */
export interface OrderingWords {
  readonly title: string;
  /** The heading of the claims. */
  readonly claims: string;
  /** "orderings of the paper": how they are counted. */
  readonly counted: string;
  /** How numbers of one seed and of several decide, in sentences. */
  readonly decided: string;
}

export const paperOrderings: OrderingWords = {
  title: "What the paper's numbers say of each other",
  claims: "In the paper",
  counted: "orderings of the paper",
  decided:
    "Where several seeds were run, an ordering is decided when all errors of one side lie below all of the other; of one seed each when " +
    "the numbers are a hundredth apart.",
};

/** All of them as a table; `columns` say at what budget, where they differ in it. */
export function orderingsTable<One extends Ordering>(
  orderings: readonly One[],
  { claims }: OrderingWords,
  columns: readonly { readonly title: string; text(ordering: One): string }[] = [],
): Table {
  const budgetOf = (one: One): string[] => columns.map(({ text }) => (one.isMissing ? "-" : text(one)));
  return {
    columns: [
      { title: claims },
      { title: "Here" },
      ...columns.map(({ title }) => ({ title, align: "right" as const })),
      { title: "Our numbers" },
    ],
    rows: orderings.map((one) => [one.claim, one.verdict, ...budgetOf(one), one.numbers]),
  };
}

/** "Of 12 orderings of the paper 9 were found, 1 was not, and 2 are not decided." */
export function describeOrderings(orderings: readonly Ordering[], { counted }: OrderingWords): string {
  const count = (verdict: Ordering["verdict"]): number => orderings.filter((one) => one.verdict === verdict).length;
  const [found, not, open] = [count("found"), count("not found"), count("not decided")];
  const were = (number: number): string => `${number} ${number === 1 ? "was" : "were"}`;
  const undecided = `${open} ${open === 1 ? "is" : "are"} not decided`;
  return `Of ${orderings.length} ${counted} ${were(found)} found, ${were(not)} not, ${undecided}.`;
}
