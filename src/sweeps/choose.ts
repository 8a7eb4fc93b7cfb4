import { kindOf } from "../tasks/index.js";
import type { Cell } from "./cells.js";
import { type CheckedPilot, roundsOf } from "./pilot.js";
import type { SweepChoice } from "./sweep.js";
import type { SweepCandidate, SweepCell, SweepRow } from "./sweepResult.js";

/** How the values of a sweep are chosen. */
type Choice = SweepChoice | undefined;

/** The measure of a cell: the one that was asked for, or the first of its task. */
export function measureFor(rows: readonly SweepRow[], choose: Choice): string {
  const row = rows.find(({ record }) => record !== undefined);
  return choose?.by ?? (row === undefined ? "" : kindOf(row.spec.task).measures[0].key);
}

/** The error of a trial; where it diverged Infinity, or the baseline's if that is what it counts for; undefined where it has none. */
export function errorOf({ record }: SweepRow, measure: string, diverged: SweepChoice["diverged"]): number | undefined {
  if (record === undefined) return undefined;
  if (record.end.code !== "diverged") return measure === "best" ? record.best?.error : measured(record.final, measure);
  return diverged === "baseline" ? baselineOf(record, measure) : Infinity;
}

/** The error of answering without looking at the inputs. */
function baselineOf(record: NonNullable<SweepRow["record"]>, measure: string): number | undefined {
  return measured(record.baseline, measure === "best" ? kindOf(record.spec.task).measures[0].key : measure);
}

function measured(measures: object | undefined, key: string): number | undefined {
  return (measures as Readonly<Record<string, number | undefined>> | undefined)?.[key];
}

/** The mean error of trials that differ in what is averaged over alone; undefined where one has none. */
export function meanError(rows: readonly SweepRow[], measure: string, diverged: SweepChoice["diverged"]): number | undefined {
  return meanOf(rows.map((row) => errorOf(row, measure, diverged)));
}

function meanOf(errors: readonly (number | undefined)[]): number | undefined {
  if (errors.length === 0 || errors.includes(undefined)) return undefined;
  return (errors as number[]).reduce((sum, error) => sum + error, 0) / errors.length;
}

/**
 * The error of a value in a round of successive halving, undefined where a trial has none; `pilot` is left out of the last round, which is
 * judged as the choice is. Before it a trial that blew up, finite or not, says no more than that nothing was learned: where trials that
 * diverged count for the baseline, none counts for more, or one seed would outweigh all others.
 */
export function roundError(rows: readonly SweepRow[], choose: Choice, pilot: CheckedPilot | undefined): number | undefined {
  const measure = pilot?.by ?? measureFor(rows, choose);
  if (pilot === undefined || choose?.diverged !== "baseline") return meanError(rows, measure, choose?.diverged);
  return meanOf(
    rows.map((row) => {
      const error = errorOf(row, measure, "baseline");
      return error === undefined ? undefined : Math.min(error, baselineOf(row.record!, measure) ?? Infinity);
    }),
  );
}

/** The better half, rounded up, of candidates by their errors, in their order; those that diverged or failed are out. */
export function betterHalf(errors: readonly (number | undefined)[]): number[] {
  const finite = errors.flatMap((error, at) => (error !== undefined && Number.isFinite(error) ? [{ error, at }] : []));
  finite.sort((a, b) => a.error - b.error || a.at - b.at);
  return finite
    .slice(0, Math.ceil(errors.length / 2))
    .map(({ at }) => at)
    .sort((a, b) => a - b);
}

/** What was chosen in a cell; `pilot` where values were chosen by successive halving. */
export function chosenIn(cell: Cell, rows: readonly SweepRow[], choose: Choice, pilot: CheckedPilot | undefined): SweepCell {
  const measure = measureFor(rows, choose);
  const path = cell.candidates[0]?.coordinate?.path;
  const chosenAt = ({ coordinates }: SweepRow) => coordinates.find((one) => one.path === path);
  // A cell may have thousands of values.
  const byValue = path === undefined ? undefined : groupedBy(rows, (row) => chosenAt(row)?.value);
  const values = cell.candidates.map((candidate): Value => {
    const { coordinate } = candidate;
    const wanted = candidate.size;
    const isOwn = (row: SweepRow): boolean => chosenAt(row)?.name === coordinate?.name;
    const own = byValue === undefined ? rows : (byValue.get(coordinate?.value) ?? []).filter(isOwn);
    const rowsAt = (share: number): SweepRow[] => own.filter((row) => shareOf(row) === share);
    // Of a mean over seeds, say, none may be missing.
    const errorAt = (share: number): number | undefined =>
      rowsAt(share).length < wanted ? undefined : meanError(rowsAt(share), measure, choose?.diverged);
    const share = own.reduce((most, row) => Math.max(most, shareOf(row)), 0);
    const judgedAt = (share: number): number | undefined =>
      rowsAt(share).length < wanted ? undefined : roundError(rowsAt(share), choose, share === 1 ? undefined : pilot);
    const earlier = own.filter((row) => shareOf(row) < share);
    return { judgedAt, candidate: { coordinate, error: errorAt(share), share, rows: rowsAt(share), earlier } };
  });
  const candidates = values.map(({ candidate }) => candidate);
  const full = candidates.filter(({ share, error }) => share === 1 && error !== undefined && Number.isFinite(error));
  const best = full.reduce<SweepCandidate | undefined>(
    (least, candidate) => (least === undefined || candidate.error! < least.error! ? candidate : least),
    undefined,
  );
  const { id, name, part, coordinates } = cell;
  return {
    id,
    name,
    part,
    coordinates,
    measure,
    candidates,
    ...(best === undefined ? {} : { best }),
    isComplete: isComplete(values, pilot),
  };
}

/** Rows in their order, by what `keyOf` says of each. */
export function groupedBy<Key>(rows: readonly SweepRow[], keyOf: (row: SweepRow) => Key): ReadonlyMap<Key, SweepRow[]> {
  const groups = new Map<Key, SweepRow[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

interface Value {
  readonly candidate: SweepCandidate;
  /** What it is judged by after that share of the updates; undefined where a trial is missing or has no error. */
  readonly judgedAt: (share: number) => number | undefined;
}

function shareOf({ pilot }: SweepRow): number {
  return pilot?.share ?? 1;
}

/** Whether all that had to be run has been: every value in full, or in every round of successive halving those that were left in it. */
function isComplete(values: readonly Value[], pilot: CheckedPilot | undefined): boolean {
  let left = values;
  for (const { share } of pilot === undefined ? [{ share: 1 }] : roundsOf(values.length, pilot.share)) {
    const errors = left.map(({ judgedAt }) => judgedAt(share));
    if (errors.includes(undefined)) return false;
    left = betterHalf(errors).map((index) => left[index]);
  }
  return true;
}
