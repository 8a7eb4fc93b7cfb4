import type { SweepRow } from "./sweepResult.js";

/** Trials of one task are comparable where they had the same data. */
export function otherData(rows: readonly SweepRow[]): string[] {
  const digests = new Map<string, Set<string>>();
  for (const { spec, record } of rows) {
    if (record?.data === undefined) continue;
    digests.set(spec.task.name, (digests.get(spec.task.name) ?? new Set()).add(record.data));
  }
  const mixed = [...digests].filter(([, found]) => found.size > 1).map(([name]) => name);
  return mixed.map(
    (name) => `trials of ${name} had different data (record.data); do not compare them, and give every data set a store of its own`,
  );
}
