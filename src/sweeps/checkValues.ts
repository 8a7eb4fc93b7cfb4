import { shorten } from "../boundary/describeValue.js";
import type { Axis, CheckedPart } from "./checkedSweep.js";
import type { Problems } from "./invalidSweepError.js";
import { placeOf, representatives, sizeOf, specAt } from "./places.js";
import { leadsInto, pathOf, type Steps } from "./specPath.js";
import { trialMistakes } from "./trialMistakes.js";

/** Products of as many trials are looked at whole: some tens of milliseconds. */
const MOST_WHOLE = 1000;

/** Looks at the values of every part. */
export function checkValues(parts: readonly CheckedPart[], problems: Problems): void {
  let whole = 0;
  for (const part of parts) {
    if (problems.isFull) return;
    const before = problems.list.length;
    let seeds: readonly boolean[] = [];
    for (const place of representatives(part)) {
      if (problems.isFull) return;
      const changed = place.findIndex((at) => at > 0);
      if (changed >= 0 && seeds[changed] && isSeed(part.axes[changed].values[place[changed]].value)) continue;
      look(part, place, changed < 0 ? undefined : changed, problems);
      if (changed < 0) seeds = part.axes.map((_, axis) => holdsSeeds(part, axis, problems));
    }
    const size = sizeOf(part);
    whole += size;
    // Where single values are wrong, what they come to together says nothing new.
    if (problems.list.length > before || part.axes.length < 2 || whole > MOST_WHOLE) continue;
    for (let index = 0; index < size && !problems.isFull; index++) look(part, placeOf(part, index), undefined, problems);
  }
}

/** Whether a path takes seeds, of which there may be a million: where the first is right every other whole number is. */
function holdsSeeds(part: CheckedPart, axis: number, problems: Problems): boolean {
  const { steps, values } = part.axes[axis];
  const isRight = !problems.list.some(({ path }) => path.startsWith(gridOf(part, axis)));
  return steps.at(-1) === "seed" && isSeed(values[0].value) && isRight;
}

function isSeed(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Notes the mistakes of the trial at a place, where the value of one axis, if given, is what was changed. */
function look(part: CheckedPart, place: readonly number[], changed: number | undefined, problems: Problems): void {
  const { spec, nowhere } = specAt(part, place);
  for (const axis of nowhere) problems.add(gridOf(part, axis), "leads into a list that the trial does not have, or past its end");
  for (const { steps, message } of trialMistakes(spec)) {
    const owner = ownerOf(part, steps, changed);
    if (owner !== undefined) problems.add(`${gridOf(part, owner)}${valueAt(part.axes[owner], place[owner])}`, message);
    // One of the trial itself is found with every value, and kept once.
    else problems.add(whereOf(part, steps), message);
  }
}

/** "[2]" of a list, "["slow"]" where values have names. */
export function valueAt({ values, isListed }: Axis, at: number): string {
  return `[${isListed ? at : JSON.stringify(shorten(values[at].name))}]`;
}

export function gridOf({ where, axes }: CheckedPart, axis: number): string {
  return `${where.replace(/trial$/, "")}grid[${JSON.stringify(axes[axis].path)}]`;
}

function whereOf({ where }: CheckedPart, steps: Steps): string {
  return steps.length === 0 ? where : `${where}.${pathOf(steps)}`;
}

/** The axis to whose value a mistake belongs; where two lead there, the one that was changed. */
function ownerOf({ axes }: CheckedPart, steps: Steps, changed: number | undefined): number | undefined {
  if (steps.length === 0) return changed;
  const owns = (axis: number): boolean => leadsInto(steps, axes[axis].steps) || leadsInto(axes[axis].steps, steps);
  if (changed !== undefined && owns(changed)) return changed;
  for (let axis = axes.length - 1; axis >= 0; axis--) if (owns(axis)) return axis;
  return undefined;
}
