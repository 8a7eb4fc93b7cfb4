import type { Cell } from "./cells.js";
import { betterHalf, roundError } from "./choose.js";
import { type CheckedPilot, roundsOf } from "./pilot.js";
import { shortenedSpec } from "./shortenedSpec.js";
import type { PlannedTrial, SweepChoice } from "./sweep.js";
import type { SweepRow } from "./sweepResult.js";

/**
 * Successive halving in a cell (Jamieson and Talwalkar 2016): every value for a share of the updates, the better half for twice the share,
 * and so on, the last in full. Values whose trials diverge are out. Returns the rows of all rounds; it ends early where a trial is not to
 * be run, or was stopped.
 */
export async function halve(
  cell: Cell,
  pilot: CheckedPilot,
  choose: SweepChoice | undefined,
  work: (planned: PlannedTrial) => Promise<SweepRow | undefined>,
): Promise<SweepRow[]> {
  const rows: SweepRow[] = [];
  let left = cell.candidates;
  for (const [at, round] of roundsOf(left.length, pilot.share).entries()) {
    const isFull = round.share === 1;
    const made = await Promise.all(
      left.map(({ trials }) =>
        Promise.all(trials().map((planned) => work(isFull ? planned : shortOf(planned, { round: at + 1, share: round.share })))),
      ),
    );
    const known = made.map((candidate) => candidate.filter((row) => row !== undefined));
    rows.push(...known.flat());
    if (made.some((candidate) => candidate.some((row) => row === undefined || row.state === "stopped"))) break;
    const errors = known.map((candidate) => roundError(candidate, choose, isFull ? undefined : pilot));
    left = betterHalf(errors).map((index) => left[index]);
    if (left.length === 0) break;
  }
  return rows;
}

/** The trials of all rounds of a cell, of all its values: which of them are run shows when those before them have ended. */
export function* trialsOfRounds({ candidates }: Cell, { share }: CheckedPilot): Generator<PlannedTrial, void, undefined> {
  for (const [at, round] of roundsOf(candidates.length, share).entries()) {
    for (const { trials } of candidates) {
      for (const planned of trials()) yield round.share === 1 ? planned : shortOf(planned, { round: at + 1, share: round.share });
    }
  }
}

/** The short trial that stands for a trial in a round. */
function shortOf(planned: PlannedTrial, pilot: NonNullable<PlannedTrial["pilot"]>): PlannedTrial {
  return planned.failure === undefined ? { ...planned, spec: shortenedSpec(planned.spec, pilot.share), pilot } : { ...planned, pilot };
}
