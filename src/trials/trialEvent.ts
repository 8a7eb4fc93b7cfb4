import { isArray } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { methodOf } from "../optimizers/index.js";
import type { Schedule } from "../schedules/index.js";
import { checkInteger, checkKnownOptions, checkObject } from "../validate.js";
import { checkSchedulesOf, freeze, type TrialSpec } from "./spec.js";

/** What a running trial may be given anew: at least one of these, and only what its method has. */
export interface TrialChange {
  /** eps_t, a number or a schedule, whose t counts from the trial's start, as in the spec. */
  readonly learningRate?: Schedule;
  /** mu_t, a number or a schedule. */
  readonly momentum?: Schedule;
}

/**
 * A change made by hand while a trial runs, as plain data: from update `update` on its optimizer has these numbers, until another event
 * gives it others. The events of a trial stand in the order of their updates, one for an update. Spec and events together make its bits.
 */
export interface TrialEvent extends TrialChange {
  /** Index t of the first update that is made with them; as many were made before. */
  readonly update: number;
}

/** Events that a trial may have: by hand nobody makes as many, and what changes at every update is a schedule. */
export const MOST_EVENTS = 10_000;

/**
 * Characters that they may have together as JSON: every one of 10,000 has room for two numbers of all their digits, and every file of a run
 * that has them for the rest.
 */
export const LARGEST_EVENTS = 2_000_000;

const changeable = ["learningRate", "momentum"] as const;

/** Validates a change to the trial of a checked spec; returns new plain data, defaults filled in. Throws InvalidOptionError. */
export function checkChange(option: string, spec: TrialSpec, value: unknown): TrialChange {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, changeable);
  return changeOf(option, spec, given);
}

/** Lists that this file has checked, frozen, and for which spec: they need no second look. */
const known = new WeakMap<object, TrialSpec>();

/**
 * Validates the events of a trial of a checked spec; returns new plain data, frozen. Throws InvalidOptionError naming the part, as in
 * "events[2].momentum".
 */
export function checkEvents(option: string, spec: TrialSpec, value: unknown): readonly TrialEvent[] {
  if (!isArray(value)) throw new InvalidOptionError(option, value, "a list of { update, learningRate?, momentum? }");
  if (known.get(value) === spec) return value as readonly TrialEvent[];
  if (value.length > MOST_EVENTS) {
    const allowed = `at most ${MOST_EVENTS}; what changes at every update is a schedule of the spec`;
    throw new InvalidOptionError(`${option}.length`, value.length, allowed);
  }
  let before = -1;
  let size = 0;
  const events = Array.from(value, (entry: unknown, at): TrialEvent => {
    const name = `${option}[${at}]`;
    const given = checkObject(name, entry);
    checkKnownOptions(name, given, ["update", ...changeable]);
    const update = checkInteger(`${name}.update`, given.update, 0, spec.updates - 1);
    if (update <= before) throw new InvalidOptionError(`${name}.update`, update, `greater than that of the event before it, ${before}`);
    before = update;
    const event = { update, ...changeOf(name, spec, given) };
    size = checkSize(name, entry, size + sizeOf(event));
    return event;
  });
  known.set(freeze(events), spec);
  return events;
}

/** Characters of an event as JSON. */
export function sizeOf(event: TrialEvent): number {
  return JSON.stringify(event).length;
}

/** Throws InvalidOptionError for what would make the events of a trial so large; returns the size. */
export function checkSize(option: string, value: unknown, size: number): number {
  if (size <= LARGEST_EVENTS) return size;
  const allowed = `of shorter schedules: all events of a trial have at most ${LARGEST_EVENTS} characters as JSON, and with this they had`;
  throw new InvalidOptionError(option, value, `${allowed} ${size}; what changes as often is a schedule of the spec of another trial`);
}

function changeOf(option: string, spec: TrialSpec, given: Readonly<Record<string, unknown>>): TrialChange {
  const asked = changeable.filter((name) => given[name] !== undefined);
  if (asked.length === 0) throw new InvalidOptionError(option, given, `an object with at least one of ${changeable.join(" and ")}`);
  const { optimizer } = spec;
  const known = methodOf(optimizer).schedules(optimizer);
  for (const name of asked) {
    if (Object.hasOwn(known, name)) continue;
    throw new InvalidOptionError(`${option}.${name}`, given[name], `left out: ${optimizer.method} has no ${name}`);
  }
  const changes = Object.fromEntries(asked.map((name) => [name, given[name]]));
  try {
    // As if the trial had begun with them: what is no trial is no change to one.
    const changed = checkSchedulesOf(spec, { ...optimizer, ...changes });
    return Object.fromEntries(asked.map((name) => [name, (changed as TrialChange)[name]]));
  } catch (error) {
    throw error instanceof InvalidOptionError ? error.renamed((path) => `${option}.${path}`) : error;
  }
}
