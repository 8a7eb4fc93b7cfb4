import { isArray, isRecord } from "../boundary/realm.js";
import { describeValue } from "../errors.js";
import type { StoredTrial } from "./storedTrial.js";
import type { Coordinate } from "./sweep.js";
import type { SweepRow } from "./sweepResult.js";

/**
 * What a store holds as rows, in the order of the settings in which its trials differ; these are the coordinates. Trials that were begun
 * and have not ended are left out, since nothing is known of them but their keys.
 */
export function listedRows(trials: Iterable<StoredTrial>): SweepRow[] {
  const rows: (Omit<SweepRow, "coordinates"> & { readonly leaves: Map<string, unknown> })[] = [];
  for (const trial of trials) {
    if (trial.state !== "ended" && trial.state !== "failed") continue;
    const ended = trial.state === "ended";
    const spec = ended ? trial.record.spec : trial.spec;
    const rest = ended ? { record: trial.record } : { failure: trial.failure };
    rows.push({ key: trial.key, spec, part: "", state: trial.state, isFound: true, ...rest, leaves: leavesOf(spec) });
  }
  const paths = differing(rows.map(({ leaves }) => leaves));
  return rows
    .map(({ leaves, ...row }): SweepRow => ({ ...row, coordinates: paths.flatMap((path) => coordinate(path, leaves.get(path))) }))
    .sort(compare);
}

function coordinate(path: string, value: unknown): Coordinate[] {
  return value === undefined ? [] : [{ path, title: path, value, name: typeof value === "string" ? value : describeValue(value) }];
}

function compare(a: SweepRow, b: SweepRow): number {
  const others = new Map(b.coordinates.map(({ path, value }) => [path, value]));
  for (const { path, value } of a.coordinates) {
    const other = others.get(path);
    if (value === other) continue;
    if (typeof value === "number" && typeof other === "number") return value - other;
    return String(value) < String(other) ? -1 : 1;
  }
  return a.key < b.key ? -1 : 1;
}

/** The paths at which specs differ, in the order in which the first spec that has one has it. */
function differing(all: readonly Map<string, unknown>[]): string[] {
  const first = new Map<string, unknown>();
  const counts = new Map<string, number>();
  const different = new Set<string>();
  for (const leaves of all) {
    for (const [path, value] of leaves) {
      counts.set(path, (counts.get(path) ?? 0) + 1);
      if (!first.has(path)) first.set(path, value);
      else if (first.get(path) !== value) different.add(path);
    }
  }
  return [...first.keys()].filter((path) => different.has(path) || counts.get(path) !== all.length);
}

/** Numbers, words and flags of a spec by their paths; a list is one value. */
function leavesOf(value: unknown, path = "", leaves = new Map<string, unknown>()): Map<string, unknown> {
  if (isRecord(value)) for (const [key, member] of Object.entries(value)) leavesOf(member, path === "" ? key : `${path}.${key}`, leaves);
  else leaves.set(path, isArray(value) ? JSON.stringify(value) : value);
  return leaves;
}
