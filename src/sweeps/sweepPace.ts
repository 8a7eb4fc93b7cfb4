import type { TrialProgress } from "../trials/progress.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { roundsOf } from "./pilot.js";
import { sizeOf } from "./places.js";
import type { RunningTrial, SweepProgress } from "./runSweepOptions.js";
import type { PlannedTrial } from "./sweep.js";
import type { SweepRow } from "./sweepResult.js";

/** Counts what a sweep has done, and from that how long it will take: a trial weighs as much as its share of the updates. */
export class SweepPace {
  readonly total: number;
  private readonly weight: number;
  private readonly begun = performance.now();
  private readonly running = new Map<string, RunningTrial & { before: number | undefined }>();
  private counts = { done: 0, found: 0, diverged: 0, failed: 0 };
  /** Weight of what was there, and of what has been done since the sweep began. */
  private before = 0;
  private made = 0;

  /** `isCounted`: which parts are run; others are not counted. */
  constructor(
    checked: CheckedSweep,
    private readonly isCounted: (part: string) => boolean = () => true,
  ) {
    const { total, weight } = sizeOfSweep({ ...checked, parts: checked.parts.filter(({ name }) => isCounted(name)) });
    [this.total, this.weight] = [total, weight];
  }

  begin(key: string, planned: PlannedTrial): void {
    this.running.set(key, { key, planned, progress: undefined, before: undefined });
  }

  advance(key: string, progress: TrialProgress): void {
    const trial = this.running.get(key);
    if (trial !== undefined) this.running.set(key, { ...trial, progress, before: trial.before ?? progress.share });
  }

  /** A trial that stops running, with what came of it. */
  end(row: SweepRow): void {
    const trial = this.running.get(row.key);
    this.running.delete(row.key);
    if (row.state === "stopped" || !this.isCounted(row.part)) return;
    const weight = row.pilot?.share ?? 1;
    const already = row.isFound ? 1 : (trial?.before ?? 0);
    this.before += weight * already;
    this.made += weight * (1 - already);
    this.counts.done++;
    if (row.isFound) this.counts.found++;
    if (row.record?.end.code === "diverged") this.counts.diverged++;
    if (row.failure !== undefined) this.counts.failed++;
  }

  get progress(): SweepProgress {
    let [made, left] = [this.made, this.weight - this.made - this.before];
    for (const { planned, progress, before = 0 } of this.running.values()) {
      const weight = planned.pilot?.share ?? 1;
      const share = progress?.share ?? before;
      made += weight * (share - before);
      left -= weight * share;
    }
    const seconds = (performance.now() - this.begun) / 1000;
    const secondsLeft = made > 0 ? { secondsLeft: (Math.max(0, left) / made) * seconds } : {};
    const running = [...this.running.values()].map(({ key, planned, progress }) => ({ key, planned, progress }));
    return { total: this.total, ...this.counts, running, ...secondsLeft };
  }
}

/** Trials of a sweep, and what they weigh together. */
export function sizeOfSweep({ parts, choose, pilot }: CheckedSweep): { total: number; weight: number } {
  let [total, weight] = [0, 0];
  for (const part of parts) {
    const size = sizeOf(part);
    const lengthOf = (path: string | undefined): number => part.axes.find((axis) => axis.path === path)?.values.length ?? 1;
    const rounds = pilot === undefined ? [{ share: 1, candidates: lengthOf(choose?.path) }] : roundsOf(lengthOf(choose?.path), pilot.share);
    const each = size / lengthOf(choose?.path);
    for (const { share, candidates } of rounds) {
      total += each * candidates;
      weight += each * candidates * share;
    }
  }
  return { total, weight };
}
