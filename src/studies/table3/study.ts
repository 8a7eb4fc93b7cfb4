import type { Section } from "../../report/page/page.js";
import {
  autoencoderCounted,
  autoencoderMeasure,
  autoencoderOptions,
  autoencoderRates,
  autoencoderTrial,
  dataDifferences,
  fewerCases,
  momentumUpTo,
} from "../autoencoders/trial.js";
import { updatesAt } from "../tables/budget.js";
import { lower, type Missing, notDecided, type Ordering, type Range, range, rangeOf } from "../tables/ordering.js";
import { nothingLearned } from "../tables/tableCell.js";
import type { ReadTable, ShownTable } from "../tables/tableDefinition.js";
import { tableStudy } from "../tables/tableStudy.js";
import { table3Paper } from "./paper.js";

const row = "CURVES";
/** An error above so many times that of the mean image is no longer near it. */
const farFromIt = 1.1;
const columnOf = (scale: number): string => `scale ${scale}`;

/** Table 3 of the paper: how much the scale of the sparse initialization matters. */
export const table3 = tableStudy({
  name: "table3",
  title: "Table 3: the scale of the sparse initialization",
  description:
    "The CURVES autoencoder trained by NAG with a momentum of up to 0.999, from a sparse initialization whose weights are multiplied by " +
    "0.25, 0.5, 1, 2 and 4; the learning rate is chosen for each scale.",
  options: autoencoderOptions({ fraction: 0.002, time: "about 10 minutes on two cores" }),
  paper: table3Paper,
  measure: autoencoderMeasure,
  shown: { heading: "Scale", beforeFinal: true },
  counted: autoencoderCounted,
  rates: `Each number is that of the best of ${autoencoderRates.length} learning rates.`,
  cells: ({ cases }) =>
    table3Paper.cells.map(({ scale, error }) => ({
      row,
      column: columnOf(scale),
      trial: autoencoderTrial(row, { method: "nesterov", momentum: momentumUpTo(0.999) }, { scale, cases }),
      rates: autoencoderRates,
      paper: error,
    })),
  orderings,
  differs: ({ cases }, data) => [
    ...dataDifferences(["CURVES"], data),
    ...fewerCases(cases),
    "The paper does not say on which problem its Table 3 was measured, nor at which rates; its number for scale 1 is that of CURVES with " +
      "NAG 0.999 in Table 1. Its text speaks of other scales than the table: 2 does well, 3 is slower, 1/2 and 5 lead to nothing.",
  ],
  sections: (result) => scalePlot(result),
});

function orderings({ at, baselines }: ReadTable): Ordering[] {
  const of = (scale: number) => rangeOf(at(row, columnOf(scale)));
  const others = table3Paper.cells.map(({ scale }) => scale).filter((scale) => scale !== 1);
  const mean = baselines[row];
  const plateau = mean === undefined ? { name: "mean", missing: "the error of the mean image is not known" } : range("mean", [mean]);
  return [
    ...others.map((scale) => lower(`scale 1 has a lower error than scale ${scale}`, of(1), of(scale))),
    ...[0.25, 0.5].map((scale) => staysNear(scale, plateau, of(scale), of(1))),
  ];
}

/** That a scale comes no further than the mean image, which says something of it where scale 1 does. */
function staysNear(scale: number, plateau: Range | Missing, own: Range | Missing, one: Range | Missing): Ordering {
  const claim = `scale ${scale} stays near the error of the mean image (${nothingLearned} to ${farFromIt} times it)`;
  const ordering = lower(claim, plateau, own, { factor: 1 / nothingLearned, orEqual: true });
  if (ordering.verdict !== "found" || own.missing !== undefined) return ordering;
  if (own.divergence !== undefined) return { ...ordering, verdict: "not found" };
  // Far above it is not near it either.
  if (plateau.missing === undefined && own.lowest > farFromIt * plateau.highest) return { ...ordering, verdict: "not found" };
  if (one.missing !== undefined) return notDecided(claim, one.missing);
  if (one.isNothing) return { claim, verdict: "not decided", numbers: `${ordering.numbers}: scale 1 has not learned anything either` };
  return ordering;
}

/** Ours, of complete cells, and the paper's, against the scale; ours a line for each budget. */
function scalePlot({ cells }: Pick<ShownTable<unknown>, "cells">): Section[] {
  const paper = table3Paper.cells.map(({ scale, error }): [number, number] => [scale, error]);
  const lengths = [...new Set(cells.map(({ budget }) => updatesAt(budget, autoencoderCounted[0])))];
  const ours = lengths.map((length) => ({
    name: lengths.length === 1 ? "here" : `here, ${length} ${length === "1" ? "update" : "updates"}`,
    points: cells.flatMap(({ state, best, budget }, at): [number, number][] =>
      state !== "complete" || best?.error === undefined || updatesAt(budget, autoencoderCounted[0]) !== length
        ? []
        : [[paper[at][0], best.error]],
    ),
  }));
  if (ours.every(({ points }) => points.length < 2)) return [];
  const series = [...ours, { name: "paper", points: paper }];
  return [
    {
      kind: "plot",
      title: "Error by scale",
      plot: { title: "Error by scale of the initialization", xLabel: "scale", yLabel: "squared error", series },
      caption: "Cells that have all of their trials; the paper's numbers are those of 750,000 updates.",
    },
  ];
}
