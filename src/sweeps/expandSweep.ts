import type { TrialSpec } from "../trials/spec.js";
import { cellIdOf } from "./cells.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { checkSweep } from "./checkSweep.js";
import { checkedAt, countOf, placeOf, plannedAt, sizeOf } from "./places.js";
import type { PlannedTrial, Sweep } from "./sweep.js";

/**
 * The trials of a sweep as specs, defaults filled in, in the order of its parts and grids, the last path of a grid changing fastest. Each
 * is made when it is asked for, so that a sweep may have a million of them; it may be gone through more than once. Successive halving is no
 * part of it: these are the trials in full.
 *
 * @throws InvalidSweepError with all mistakes that could be found; while it is gone through, InvalidOptionError, ShapeError where a product
 * too large to be looked at whole holds a combination that is none
 */
export function expandSweep(sweep: Sweep): Iterable<TrialSpec> {
  const checked = checkSweep(sweep);
  return {
    *[Symbol.iterator]() {
      for (const part of checked.parts) {
        for (let index = 0; index < sizeOf(part); index++) yield checkedAt(part, placeOf(part, index));
      }
    },
  };
}

/** How many trials a sweep has, successive halving aside. Throws InvalidSweepError. */
export function countTrials(sweep: Sweep): number {
  return countOf(checkSweep(sweep).parts);
}

/** The trials with where each lies, and the id of its cell. */
export function* plannedTrials({ parts, choose }: CheckedSweep): Generator<PlannedTrial & { readonly cell: string }, void, undefined> {
  for (const [at, part] of parts.entries()) {
    const size = sizeOf(part);
    for (let index = 0; index < size; index++) {
      const place = placeOf(part, index);
      yield { ...plannedAt(part, place), cell: cellIdOf(part, at, place, choose) };
    }
  }
}
