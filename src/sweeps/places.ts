import { InvalidOptionError, ShapeError } from "../errors.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import type { CheckedPart } from "./checkedSweep.js";
import { withPartAt } from "./specPath.js";
import type { Coordinate, PlannedTrial } from "./sweep.js";

/** A place in a part's grid: which value of each axis. */
export type Place = readonly number[];

/** Trials of a part. */
export function sizeOf({ axes }: CheckedPart): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/** How many trials parts have together. */
export function countOf(parts: readonly CheckedPart[]): number {
  return parts.reduce((sum, part) => sum + sizeOf(part), 0);
}

/** Which value of each axis the trial of this index has: the last axis changes fastest. */
export function placeOf({ axes }: CheckedPart, index: number): Place {
  const place: number[] = [];
  let rest = index;
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    const { length } = axes[axis].values;
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}

/** The spec at a place, not yet checked, and the axes whose paths lead nowhere in it: into a list that is not there, or past its end. */
export function specAt({ trial, axes }: CheckedPart, place: Place): { readonly spec: unknown; readonly nowhere: readonly number[] } {
  let spec: unknown = trial;
  const nowhere: number[] = [];
  for (const [axis, { steps, values }] of axes.entries()) {
    const changed = withPartAt(spec, steps, values[place[axis]].value);
    if (changed === undefined) nowhere.push(axis);
    else spec = changed;
  }
  return { spec, nowhere };
}

/** Places in which every value of every axis is once beside the first values of the others: few, however large the product. */
export function* representatives({ axes }: CheckedPart): Generator<Place, void, undefined> {
  const first = axes.map(() => 0);
  yield first;
  for (const [axis, { values }] of axes.entries()) {
    for (let at = 1; at < values.length; at++) yield first.map((value, other) => (other === axis ? at : value));
  }
}

/** Those of them that differ in their tasks. */
export function* taskPlaces(part: CheckedPart): Generator<Place, void, undefined> {
  for (const place of representatives(part)) {
    const changed = place.findIndex((at) => at > 0);
    if (changed < 0 || part.axes[changed].steps[0] === "task") yield place;
  }
}

/**
 * The trial at a place of a part's grid. What values come to together is looked at before a sweep begins where they are few; of a large
 * product a combination that is no trial is found here, and carries why.
 */
export function plannedAt(part: CheckedPart, place: Place): PlannedTrial {
  const rest = { part: part.name, coordinates: coordinatesAt(part, place) };
  const { spec } = specAt(part, place);
  try {
    return { spec: checkedAt(part, place), ...rest };
  } catch (error) {
    if (!(error instanceof InvalidOptionError) && !(error instanceof ShapeError)) throw error;
    return { spec: spec as TrialSpec, failure: { code: error.code, message: error.message }, ...rest };
  }
}

/** The spec at a place. Throws InvalidOptionError, ShapeError. */
export function checkedAt(part: CheckedPart, place: Place): TrialSpec {
  const { spec, nowhere } = specAt(part, place);
  if (nowhere.length > 0)
    throw new InvalidOptionError(part.axes[nowhere[0]].path, undefined, "a path whose lists are in the trial, as long as it says");
  return checkTrialSpec(spec);
}

/** Where a place lies. */
export function coordinatesAt({ axes }: CheckedPart, place: Place): Coordinate[] {
  return axes.map(({ path, title, values }, axis) => ({ path, title, ...values[place[axis]] }));
}
