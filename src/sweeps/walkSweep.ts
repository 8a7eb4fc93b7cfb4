import { cellsOf } from "./cells.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { chosenIn, groupedBy } from "./choose.js";
import { plannedTrials } from "./expandSweep.js";
import { halve } from "./halve.js";
import { Limiter } from "./limiter.js";
import type { PlannedTrial } from "./sweep.js";
import type { SweepCell, SweepRow } from "./sweepResult.js";

/** What came of a sweep's trials. */
export interface WalkedSweep {
  readonly rows: SweepRow[];
  readonly cells: SweepCell[];
}

/** Gives what comes of single trials. */
export interface RowSource {
  /** No more of them are to be asked for: nothing would come of it. */
  readonly isOver: boolean;
  /** What comes of a trial; undefined where it is not to be run now, and is not there. */
  row(planned: PlannedTrial, cell?: string): Promise<SweepRow | undefined>;
}

/** Goes through the trials of a sweep, `jobs` at a time, each made when it is asked for, and chooses in its cells. */
export function walkSweep(checked: CheckedSweep, run: RowSource, jobs: number): Promise<WalkedSweep> {
  return checked.pilot === undefined ? runAll(checked, run, jobs) : runPilot(checked, run, jobs);
}

/** Every trial in full, in the order of the sweep. */
async function runAll(checked: CheckedSweep, run: RowSource, jobs: number): Promise<WalkedSweep> {
  const rows = new Map<number, SweepRow>();
  let at = 0;
  await inTurn(plannedTrials(checked), new Limiter(jobs), { run, failures: [] }, async ({ cell, ...planned }) => {
    const place = at++;
    const row = await run.row(planned, checked.choose === undefined ? undefined : cell);
    if (row !== undefined) rows.set(place, row);
  });
  const ordered = [...rows.keys()].sort((a, b) => a - b).map((place) => rows.get(place)!);
  return { rows: ordered, cells: checked.choose === undefined ? [] : chosenCells(checked, ordered) };
}

/** By successive halving, several cells at a time. */
async function runPilot(checked: CheckedSweep, run: RowSource, jobs: number): Promise<WalkedSweep> {
  const room = new Limiter(jobs);
  const course: Course = { run, failures: [] };
  const rowsOf = async (trials: Iterable<PlannedTrial>, cell: string): Promise<(SweepRow | undefined)[]> => {
    const rows: (SweepRow | undefined)[] = [];
    let at = 0;
    await inTurn(trials, room, course, async (planned) => {
      const place = at++;
      rows[place] = await run.row(planned, cell);
    });
    return rows;
  };
  // In the order in which cells are begun, which is the sweep's; those that never are cost nothing.
  const made: (readonly SweepRow[])[] = [];
  let at = 0;
  await inTurn(cellsOf(checked), new Limiter(jobs), course, async (cell) => {
    const place = at++;
    made[place] = await halve(cell, checked.pilot!, checked.choose, (trials) => rowsOf(trials, cell.id));
  });
  const rows = made.flat();
  return { rows, cells: chosenCells(checked, rows) };
}

/** What several loops over parts of one sweep know of each other: the first that fails ends all. */
interface Course {
  readonly run: RowSource;
  readonly failures: unknown[];
}

/**
 * Does the work for one item after another, as many at a time as there is room for; an item is not made before there is. What one throws
 * ends it when those under way have ended.
 */
async function inTurn<Item>(items: Iterable<Item>, room: Limiter, course: Course, work: (item: Item) => Promise<void>): Promise<void> {
  const { run, failures } = course;
  const pending = new Set<Promise<void>>();
  const fail = (error: unknown): void => void failures.push(error);
  const source = items[Symbol.iterator]();
  for (;;) {
    await room.acquire();
    const next = run.isOver || failures.length > 0 ? undefined : source.next();
    if (next === undefined || next.done === true) {
      room.release();
      break;
    }
    const one: Promise<void> = work(next.value)
      .catch(fail)
      .finally(() => {
        pending.delete(one);
        room.release();
      });
    pending.add(one);
  }
  await Promise.all(pending);
  if (failures.length > 0) throw failures[0];
}

function chosenCells(checked: CheckedSweep, rows: readonly SweepRow[]): SweepCell[] {
  const byCell = groupedBy(rows, ({ cell }) => cell!);
  const cells: SweepCell[] = [];
  for (const cell of cellsOf(checked)) {
    const own = byCell.get(cell.id);
    if (own !== undefined) cells.push(chosenIn(cell, own, checked.choose, checked.pilot));
    // The rest of a sweep that was stopped early may be long.
    if (cells.length === byCell.size) break;
  }
  return cells;
}
