import { isArray, isRecord } from "../boundary/realm.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";

type Json = Readonly<Record<string, unknown>>;

/**
 * A trial at a share of its size: a spec of its own in which every count of updates is as much smaller, none less than 1 where it was not
 * 0: its updates, the period of Eq. 5, the places where pieces change, the numerator and the offset of an inverse schedule, final phases,
 * and a budget of steps of conjugate gradient. Momenta and rates so take their whole course in fewer updates. All else is as it was.
 *
 * A maximum of Eq. 5 that is not reached is lowered to what is, and pieces that do not begin are left out: the numbers are the same, and
 * trials that differ in these alone become one.
 */
export function shortenedSpec(spec: TrialSpec, share: number): TrialSpec {
  const part = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round(count * share)));
  const updates = part(spec.updates);
  const { conjugateGradientSteps: steps } = spec as { readonly conjugateGradientSteps?: number };
  return checkTrialSpec({
    ...spec,
    updates,
    optimizer: withSchedules(spec.optimizer, (schedule) => reached(shortened(schedule, share, part), updates)),
    ...(steps === undefined ? {} : { conjugateGradientSteps: part(steps) }),
  });
}

/** A description with every schedule in it, those inside others first, as `change` says. */
function withSchedules(value: unknown, change: (schedule: Json) => Json): unknown {
  if (isArray(value)) return value.map((element) => withSchedules(element, change));
  if (!isRecord(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withSchedules(member, change)]));
  return typeof inner.schedule === "string" ? change(inner) : inner;
}

function shortened(schedule: Json, share: number, part: (count: number) => number): Json {
  const {
    schedule: kind,
    period,
    at,
    numerator,
    offset,
    final,
  } = schedule as {
    readonly schedule: string;
    readonly period: number;
    readonly at: readonly number[];
    readonly numerator: number;
    readonly offset: number;
    readonly final?: { readonly updates?: number; readonly from?: number };
  };
  const own =
    kind === "sutskever"
      ? { period: part(period) }
      : kind === "piecewise"
        ? { at: ascending(at.map(part)) }
        : kind === "inverse"
          ? { numerator: numerator * share, offset: Math.round(offset * share) }
          : {};
  if (final === undefined) return { ...schedule, ...own };
  const phase = final.updates === undefined ? { from: part(final.from!) } : { updates: part(final.updates) };
  return { ...schedule, ...own, final: { ...final, ...phase } };
}

/** Each at least one greater than the one before it. */
function ascending(at: readonly number[]): number[] {
  let least = 0;
  return at.map((value) => {
    const made = Math.max(value, least);
    least = made + 1;
    return made;
  });
}

/**
 * Eq. 5 with the largest value that it has before its final phase in place of a maximum beyond it; of a list of pieces those that begin.
 */
function reached(schedule: Json, updates: number): Json {
  if (schedule.schedule === "piecewise") {
    const { values, at } = schedule as { readonly values: readonly unknown[]; readonly at: readonly number[] };
    const begun = at.filter((update) => update < updates).length;
    return begun === at.length ? schedule : { ...schedule, values: values.slice(0, begun + 1), at: at.slice(0, begun) };
  }
  if (schedule.schedule !== "sutskever") return schedule;
  const { max, period, final } = schedule as {
    readonly max: number;
    readonly period: number;
    readonly final?: { readonly updates?: number; readonly from?: number };
  };
  const end = final === undefined ? updates : final.updates === undefined ? Math.min(updates, final.from!) : updates - final.updates;
  const largest = 1 - 1 / (2 * (Math.floor(Math.max(0, end - 1) / period) + 1));
  return largest < max ? { ...schedule, max: largest } : schedule;
}
