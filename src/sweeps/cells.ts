import type { CheckedPart, CheckedSweep } from "./checkedSweep.js";
import { coordinatesAt, type Place, placeOf, plannedAt, sizeOf } from "./places.js";
import type { Coordinate, PlannedTrial } from "./sweep.js";

/** One of the values among which a cell's is chosen, and its trials in full: one, or one for each value of the path of `over`. */
export interface Candidate {
  /** Undefined in a part whose grid does not have the path. */
  readonly coordinate: Coordinate | undefined;
  /** How many trials it has; to make them takes long where there are many. */
  readonly size: number;
  /** They, each made when it is asked for. */
  trials(): Iterable<PlannedTrial>;
}

/** Trials that differ in what is chosen, and in what is averaged over, alone. */
export interface Cell {
  /** Tells cells of one sweep apart. */
  readonly id: string;
  /** "MNIST, mu 0.9": its part and what it has in common. */
  readonly name: string;
  readonly part: string;
  readonly coordinates: readonly Coordinate[];
  readonly candidates: readonly Candidate[];
}

/** The cells of a sweep, each made when it is asked for. */
export function* cellsOf({ parts, choose }: CheckedSweep): Generator<Cell, void, undefined> {
  for (const [at, part] of parts.entries()) {
    const inner = part.axes.map(({ path }) => path === choose?.path || path === choose?.over);
    const outer = withAxes(part, (axis) => !inner[axis]);
    for (let index = 0; index < sizeOf(outer); index++) yield cellAt(part, at, inner, placeOf(outer, index), choose?.path);
  }
}

/** The id of the cell that a trial belongs to. */
export function cellIdOf({ axes }: CheckedPart, at: number, place: Place, choose: CheckedSweep["choose"]): string {
  return idOf(
    at,
    place.filter((_, axis) => axes[axis].path !== choose?.path && axes[axis].path !== choose?.over),
  );
}

function cellAt(part: CheckedPart, at: number, inner: readonly boolean[], outer: Place, path: string | undefined): Cell {
  const chosen = part.axes.findIndex((axis) => axis.path === path);
  const averaged = inner.findIndex((is, axis) => is && axis !== chosen);
  const places = (axis: number): number[] => (axis < 0 ? [0] : part.axes[axis].values.map((_, value) => value));
  const placeWith = (value: number, over: number): Place => {
    let next = 0;
    return part.axes.map((_, axis) => (axis === chosen ? value : axis === averaged ? over : outer[next++]));
  };
  const coordinates = coordinatesAt(part, placeWith(0, 0));
  const candidates = places(chosen).map(
    (value): Candidate => ({
      coordinate: chosen < 0 ? undefined : coordinatesAt(part, placeWith(value, 0))[chosen],
      size: averaged < 0 ? 1 : part.axes[averaged].values.length,
      *trials() {
        for (const over of places(averaged)) yield plannedAt(part, placeWith(value, over));
      },
    }),
  );
  const common = coordinates.filter((_, axis) => !inner[axis]);
  const words = [part.name, ...common.map(({ title, name }) => `${title} ${name}`)].filter((word) => word !== "");
  return { id: idOf(at, outer), name: words.join(", ") || "all", part: part.name, coordinates: common, candidates };
}

function withAxes(part: CheckedPart, keep: (axis: number) => boolean): CheckedPart {
  return { ...part, axes: part.axes.filter((_, axis) => keep(axis)) };
}

function idOf(part: number, place: Place): string {
  return `${part}:${place.join(",")}`;
}
