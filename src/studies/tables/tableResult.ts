import { present } from "../../boundary/present.js";
import type { KernelVariant } from "../../runtime/kernels.js";
import type { MachineFacts } from "../../runtime/machineFacts.js";
import { NUMERICS_VERSION } from "../../runtime/numericsVersion.js";
import { errorOf } from "../../sweeps/choose.js";
import type { SweepPart } from "../../sweeps/sweep.js";
import type { SweepCandidate, SweepCell, SweepResult, SweepRow } from "../../sweeps/sweepResult.js";
import type { SweepStudyResult } from "../study.js";
import type { Ordering } from "./ordering.js";
import { nameOf, type PlannedCell, sameParts, type TableMeasure } from "./plannedCell.js";
import type { TableCandidate, TableCell, TableTrial } from "./tableCell.js";

/** SHA-256 of the data that the trials of a row took from outside, by row; most often one. */
export type DataDigests = Readonly<Record<string, readonly string[]>>;

/** A table of the paper with our numbers, as plain data. */
export interface TableResult<Spec = unknown> extends SweepStudyResult {
  readonly spec: Spec;
  /** Numerics version of the code, and the variant of its kernels. */
  readonly numerics: number;
  readonly kernels: KernelVariant;
  readonly cells: readonly TableCell[];
  /** What the paper's numbers say of each other, and whether ours do. */
  readonly orderings: readonly Ordering[];
  /** What answering without looking at the inputs costs, by row; of rows of which a trial has ended. */
  readonly baselines: Readonly<Record<string, number>>;
  /** SHA-256 of the data that trials took from files, by row; of rows that have such trials. */
  readonly data?: DataDigests;
  /** Of all trials that are there, each counted once; seconds are those of their updates. */
  readonly trials: {
    readonly ended: number;
    readonly inRounds: number;
    readonly diverged: number;
    readonly failed: number;
    readonly damaged: number;
    readonly seconds: number;
  };
  /** The machine of the first of them. */
  readonly machine?: MachineFacts;
}

/** What came of the planned cells; `parts` are theirs in the sweep. */
export function readCells(
  planned: readonly PlannedCell[],
  parts: readonly SweepPart[],
  swept: Pick<SweepResult, "cells">,
  measure: TableMeasure,
): TableCell[] {
  const found = new Map(swept.cells.map((cell) => [cell.part, cell]));
  const same = sameParts(parts);
  return planned.map(({ row, column, paper, paperBefore }) => {
    const name = nameOf({ row, column });
    const cell = found.get(name);
    const candidates = cell?.candidates.filter(({ rows }) => rows.length > 0).map((one) => candidateOf(one, measure)) ?? [];
    const best = cell?.best === undefined ? undefined : candidateOf(cell.best, measure);
    const [state, baseline] = [stateOf(cell, candidates), baselineOf(cell, measure)];
    return present({ row, column, name, paper, paperBefore, sameAs: same.get(name), state, best, candidates, baseline });
  });
}

function stateOf(cell: SweepCell | undefined, candidates: readonly TableCandidate[]): TableCell["state"] {
  if (cell === undefined || candidates.length === 0) return "missing";
  return cell.isComplete ? "complete" : "partial";
}

function baselineOf(cell: SweepCell | undefined, { key }: TableMeasure): number | undefined {
  const record = cell?.candidates.flatMap(({ rows }) => rows).find((row) => row.record !== undefined)?.record;
  const value = (record?.baseline as Readonly<Record<string, unknown>> | undefined)?.[key];
  return typeof value === "number" ? value : undefined;
}

function candidateOf({ coordinate, share, error, rows, earlier }: SweepCandidate, measure: TableMeasure): TableCandidate {
  const [trials, before] = [rows, earlier].map((some) => some.map((row) => trialOf(row, measure)));
  return present({
    rate: coordinate!.value as number,
    share,
    error: finite(error),
    trials,
    earlier: before.length > 0 ? before : undefined,
  });
}

function trialOf(row: SweepRow, { key: by, diverged }: TableMeasure): TableTrial {
  const { key, spec, state, record, failure } = row;
  const before = record?.beforeFinal as Readonly<Record<string, number | undefined>> | undefined;
  return present({
    key,
    seed: spec.seed,
    share: row.pilot?.share ?? 1,
    end: record === undefined ? (state as "failed") : (record.end.code as "finished"),
    error: finite(errorOf(row, by, diverged)),
    beforeFinal: before?.[by],
    updates: record?.update,
    seconds: record?.seconds,
    casesProcessed: record?.casesProcessed,
    conjugateGradientSteps: record?.conjugateGradientSteps,
    failure: failure?.message,
  });
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** What a result has besides its cells and orderings. */
export function factsOf(swept: SweepResult, measure: TableMeasure, planned: readonly PlannedCell[]) {
  const rows = [...new Map(swept.rows.map((row) => [row.key, row])).values()];
  const rowOf = new Map(planned.map((cell) => [nameOf(cell), cell.row]));
  const baselines: Record<string, number> = {};
  const data: Record<string, readonly string[]> = {};
  for (const { part, record } of swept.rows) {
    const value = (record?.baseline as Readonly<Record<string, unknown>> | undefined)?.[measure.key];
    const row = rowOf.get(part);
    if (row === undefined) continue;
    if (typeof value === "number") baselines[row] ??= value;
    if (record?.data !== undefined) data[row] = [...new Set([...(data[row] ?? []), record.data])];
  }
  return present({
    numerics: NUMERICS_VERSION,
    kernels: swept.kernels,
    baselines,
    data: Object.keys(data).length === 0 ? undefined : data,
    trials: {
      ended: rows.filter(({ record }) => record !== undefined).length,
      inRounds: rows.filter(({ record, pilot }) => record !== undefined && pilot !== undefined).length,
      diverged: rows.filter(({ record }) => record?.end.code === "diverged").length,
      failed: rows.filter(({ state }) => state === "failed").length,
      damaged: rows.filter(({ state }) => state === "damaged").length,
      seconds: rows.reduce((sum, { record }) => sum + (record?.seconds ?? 0), 0),
    },
    machine: rows.find(({ record }) => record !== undefined)?.record?.machine,
  });
}
