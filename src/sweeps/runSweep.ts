import { InvalidOptionError } from "../errors.js";
import { bestVariant } from "../runtime/embeddedKernels.js";
import { type KernelVariant, numericsOf } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { kindOf } from "../tasks/index.js";
import { cellsOf } from "./cells.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { checkSweep } from "./checkSweep.js";
import { chosenIn } from "./choose.js";
import { plannedTrials } from "./expandSweep.js";
import { halve } from "./halve.js";
import { Limiter } from "./limiter.js";
import { checkRunSweepOptions, type RunSweepOptions } from "./runSweepOptions.js";
import type { Sweep } from "./sweep.js";
import { SweepPace, sizeOfSweep } from "./sweepPace.js";
import type { SweepCell, SweepResult, SweepRow } from "./sweepResult.js";
import { SweepRun } from "./sweepRun.js";
import type { StoredTrials } from "./sweepStore.js";
import { tasksOf } from "./sweepTasks.js";

/**
 * Runs the trials of a sweep that are not in its store yet, and gives what came of all. A trial that diverges is a result; one that fails
 * otherwise is kept as failed with its sentence, the others go on, and the next run of the sweep tries it again. Whatever interrupts it,
 * the same call goes on: finished trials are found, others go on from their last checkpoints, to the same bits.
 *
 * @throws InvalidSweepError with all mistakes of the sweep, InvalidOptionError, before anything is run; StoreError for a store that is busy
 * or cannot be written; the system's error where not even a failure can be kept, as on a full disk: what was finished is there
 */
export async function runSweep(sweep: Sweep, options: RunSweepOptions): Promise<SweepResult> {
  checkRunSweepOptions(options);
  const checked = checkSweep(sweep);
  checkData(checked, options);
  const kernels = kernelsOf(options);
  const { checkpointSeconds = 30, keep = "all", data } = options;
  const troubles: string[] = [];
  const tell = (sentence: string): void => {
    // What is wrong with a machine each of its processes tells.
    if (troubles.includes(sentence)) return;
    troubles.push(sentence);
    options.onTrouble?.(sentence);
  };
  const store = await options.store.open();
  try {
    const { trials: found, troubles: listed } = await store.list();
    for (const sentence of [...listed, ...otherVersions(found, store.place)]) tell(sentence);
    const pace = new SweepPace(checked, options.onlyParts);
    const wide = options.kernels === "wide";
    const executor = await options.executor.open({ store, kernels, wide, data, checkpointSeconds, keep });
    const run = new SweepRun({ store, executor, kernels, options, pace, found, tell });
    let made: Made;
    try {
      made = await (checked.pilot === undefined ? runAll(checked, run, executor.jobs) : runPilot(checked, run, executor.jobs));
    } finally {
      await executor.close();
    }
    run.finish();
    for (const sentence of otherData(made.rows)) tell(sentence);
    const pilot = checked.pilot === undefined ? {} : { pilot: { share: checked.pilot } };
    return { kernels, place: store.place, total: sizeOfSweep(checked).total, ...made, ...pilot, isStopped: run.isStopped, troubles };
  } finally {
    await store.close();
  }
}

interface Made {
  readonly rows: SweepRow[];
  readonly cells: SweepCell[];
}

/** Every trial in full, in the order of the sweep. */
async function runAll(checked: CheckedSweep, run: SweepRun, jobs: number): Promise<Made> {
  const rows = new Map<number, SweepRow>();
  let at = 0;
  await inTurn(plannedTrials(checked), jobs, run, async ({ cell, ...planned }) => {
    const place = at++;
    const row = await run.row(planned, checked.choose === undefined ? undefined : cell);
    if (row !== undefined) rows.set(place, row);
  });
  const ordered = [...rows.keys()].sort((a, b) => a - b).map((place) => rows.get(place)!);
  return { rows: ordered, cells: checked.choose === undefined ? [] : chosenCells(checked, ordered) };
}

/** By successive halving, several cells at a time. */
async function runPilot(checked: CheckedSweep, run: SweepRun, jobs: number): Promise<Made> {
  const room = new Limiter(jobs);
  // In the order in which cells are begun, which is the sweep's; those that never are cost nothing.
  const made: (readonly SweepRow[])[] = [];
  let at = 0;
  await inTurn(cellsOf(checked), jobs, run, async (cell) => {
    const place = at++;
    made[place] = await halve(cell, checked.pilot!, checked.choose, (planned) => room.run(() => run.row(planned, cell.id)));
  });
  const rows = made.flat();
  return { rows, cells: chosenCells(checked, rows) };
}

/**
 * Does the work for one item after another, so many at a time; an item is not made before there is room for it. What one throws ends it
 * when those under way have ended.
 */
async function inTurn<Item>(items: Iterable<Item>, jobs: number, run: SweepRun, work: (item: Item) => Promise<void>): Promise<void> {
  const room = new Limiter(jobs);
  const pending = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const source = items[Symbol.iterator]();
  for (;;) {
    await room.acquire();
    if (run.isStopped || failures.length > 0) break;
    const next = source.next();
    if (next.done) break;
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
  const byCell = new Map<string, SweepRow[]>();
  for (const row of rows) byCell.set(row.cell!, [...(byCell.get(row.cell!) ?? []), row]);
  const cells: SweepCell[] = [];
  for (const cell of cellsOf(checked)) {
    const own = byCell.get(cell.id);
    if (own !== undefined) cells.push(chosenIn(cell, own, checked.choose, checked.pilot));
    // The rest of a sweep that was stopped early may be long.
    if (cells.length === byCell.size) break;
  }
  return cells;
}

function kernelsOf({ kernels = "auto", executor }: RunSweepOptions): KernelVariant {
  if (kernels === "auto") return executor.kernels ?? bestVariant();
  const variant = numericsOf(kernels);
  if (executor.kernels !== undefined && executor.kernels !== variant)
    throw new InvalidOptionError("kernels", kernels, `"${executor.kernels}", which the executor has`);
  return variant;
}

/** Better told before the first trial than by each. */
function checkData({ parts }: CheckedSweep, { data, onlyParts = () => true }: RunSweepOptions): void {
  if (data !== undefined) return;
  for (const task of tasksOf(parts.filter(({ name }) => onlyParts(name)))) {
    const { files } = kindOf(task);
    if (files !== undefined) throw new InvalidOptionError("data", data, `given: ${task.name} takes ${files.wanted}`);
  }
}

/** Trials of another numerics version have other keys, and are no part of a sweep of this one. */
function otherVersions(found: StoredTrials["trials"], place: string): string[] {
  const others = [...found.values()].filter((trial) => trial.state === "ended" && trial.record.numerics !== NUMERICS_VERSION).length;
  if (others === 0) return [];
  const what = others === 1 ? "a record of another numerics version" : `${others} records of other numerics versions`;
  return [`${place} holds ${what} than this one's ${NUMERICS_VERSION}; they stay, and their trials are run anew beside them`];
}

/** Trials of one task are comparable where they had the same data. */
function otherData(rows: readonly SweepRow[]): string[] {
  const digests = new Map<string, Set<string>>();
  for (const { spec, record } of rows) {
    if (record?.data === undefined) continue;
    digests.set(spec.task.name, (digests.get(spec.task.name) ?? new Set()).add(record.data));
  }
  const mixed = [...digests].filter(([, found]) => found.size > 1).map(([name]) => name);
  return mixed.map(
    (name) => `trials of ${name} had different data (record.data); do not compare them, and give every data set a store of its own`,
  );
}
