import type { Report } from "heavyball";

/** A number of a run's reports, where they have it, and the lowest and the last of these. */
export function valuesOf(reports: readonly Report[], key: string): (number | undefined)[] {
  return reports.map((report) => {
    const value = (report as unknown as Readonly<Record<string, unknown>>)[key];
    return typeof value === "number" ? value : undefined;
  });
}

export function extremes(values: readonly (number | undefined)[]): { readonly last?: number; readonly lowest?: number } {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? {} : { last: known[known.length - 1], lowest: Math.min(...known) };
}
