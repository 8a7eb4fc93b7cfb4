import type { Report } from "heavyball";
import type { Lane } from "./lane.js";

/** A number of a run's reports, where they have it, and the lowest and the last of these. */
export function valuesOf(reports: readonly Report[], key: string): (number | undefined)[] {
  return reports.map((report) => {
    const value = (report as unknown as Readonly<Record<string, unknown>>)[key];
    return typeof value === "number" ? value : undefined;
  });
}

/** Where on an axis of the reports a run was changed: at its update, or at the seconds of the last report before that. */
export function changesOf({ events, reports }: Pick<Lane, "events" | "reports">, key: "update" | "seconds"): number[] {
  return events.flatMap(({ update }) => {
    if (key === "update") return [update];
    const before = reports.filter((report) => report.update <= update);
    return before.length === 0 ? [] : [before[before.length - 1].seconds];
  });
}

export function extremes(values: readonly (number | undefined)[]): { readonly last?: number; readonly lowest?: number } {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? {} : { last: known[known.length - 1], lowest: Math.min(...known) };
}
