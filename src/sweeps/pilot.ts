import { isRecord } from "../boundary/realm.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";

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

/**
 * The short trial that stands for a share of a trial: a spec of its own, with as many of the updates, and final phases and a budget of
 * steps of conjugate gradient as much shorter, none less than 1 where it was not 0. All else is as it was: with Eq. 5 momentum rises as in
 * the first updates of the trial in full.
 */
export function pilotSpec(spec: TrialSpec, share: number): TrialSpec {
  const part = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round(count * share)));
  const { conjugateGradientSteps: steps } = spec as { readonly conjugateGradientSteps?: number };
  return checkTrialSpec({
    ...spec,
    updates: part(spec.updates),
    optimizer: withFinals(spec.optimizer, part),
    ...(steps === undefined ? {} : { conjugateGradientSteps: part(steps) }),
  });
}

/** A description with every final phase that is counted from the end as `part` says. */
function withFinals(value: unknown, part: (count: number) => number): unknown {
  if (Array.isArray(value)) return value.map((element) => withFinals(element, part));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const isFinal = key === "final" && typeof value.schedule === "string" && isRecord(member) && typeof member.updates === "number";
      return [key, isFinal ? { ...member, updates: part(member.updates as number) } : withFinals(member, part)];
    }),
  );
}
