/** Successive halving, checked: its first share, and the measure that rounds before the last are judged by, if not that of the choice. */
export interface CheckedPilot {
  readonly share: number;
  readonly by?: string;
}

/** A round of successive halving: so many values are tried in a share of the updates; a share of 1 is the trial in full. */
export interface Round {
  readonly share: number;
  readonly candidates: number;
}

/**
 * The rounds for `candidates` values: the better half goes on to twice the share, until one value is left or the share is the whole, where
 * all that are left are run in full. 6 values from 0.1: 6 at 0.1, 3 at 0.2, 2 at 0.4, 1 in full.
 */
export function roundsOf(candidates: number, share: number): Round[] {
  const rounds: Round[] = [];
  let left = candidates;
  for (let part = share; left > 1 && part < 1; part *= 2) {
    rounds.push({ share: part, candidates: left });
    left = Math.ceil(left / 2);
  }
  return [...rounds, { share: 1, candidates: left }];
}
