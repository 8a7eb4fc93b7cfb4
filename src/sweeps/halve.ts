import type { Candidate, Cell } from "./cells.js";
import { betterHalf, roundError } from "./choose.js";
import { type CheckedPilot, type Round, roundsOf } from "./pilot.js";
import { shortenedSpec } from "./shortenedSpec.js";
import type { PlannedTrial, SweepChoice } from "./sweep.js";
import type { SweepRow } from "./sweepResult.js";

/**
 * Successive halving in a cell (Jamieson and Talwalkar 2016): every value for a share of the updates, the better half for twice the share,
 * and so on, the last in full. Values whose trials diverge are out. `work` gives what comes of trials, in their order, as far as they were
 * gone through: a round may have a million of them. Returns the rows of all rounds; it ends early where a trial is not to be run, or was
 * stopped.
 */
export async function halve(
  cell: Cell,
  pilot: CheckedPilot,
  choose: SweepChoice | undefined,
  work: (trials: Iterable<PlannedTrial>) => Promise<readonly (SweepRow | undefined)[]>,
): Promise<SweepRow[]> {
  const rows: SweepRow[] = [];
  let left = cell.candidates;
  for (const [at, round] of roundsOf(left.length, pilot.share).entries()) {
    const made = (await work(trialsOfRound(left, at, round))).filter((row) => row !== undefined);
    for (const row of made) rows.push(row);
    const wanted = left.reduce((sum, { size }) => sum + size, 0);
    if (made.length < wanted || made.some(({ state }) => state === "stopped")) break;
    let next = 0;
    const errors = left.map(({ size }) => {
      const own = made.slice(next, next + size);
      next += size;
      return roundError(own, choose, round.share === 1 ? undefined : pilot);
    });
    left = betterHalf(errors).map((index) => left[index]);
    if (left.length === 0) break;
  }
  return rows;
}

/** The trials of all rounds of a cell, of all its values: which of them are run shows when those before them have ended. */
export function* trialsOfRounds({ candidates }: Cell, { share }: CheckedPilot): Generator<PlannedTrial, void, undefined> {
  for (const [at, round] of roundsOf(candidates.length, share).entries()) yield* trialsOfRound(candidates, at, round);
}

/** The trials of some values in a round, counted from 0, each made when it is asked for. */
function* trialsOfRound(candidates: readonly Candidate[], at: number, { share }: Round): Generator<PlannedTrial, void, undefined> {
  for (const { trials } of candidates) {
    for (const planned of trials()) yield share === 1 ? planned : shortOf(planned, { round: at + 1, share });
  }
}

/** The short trial that stands for a trial in a round. */
function shortOf(planned: PlannedTrial, pilot: NonNullable<PlannedTrial["pilot"]>): PlannedTrial {
  return planned.failure === undefined ? { ...planned, spec: shortenedSpec(planned.spec, pilot.share), pilot } : { ...planned, pilot };
}
