import {
  autoencoderCounted,
  autoencoderMeasure,
  autoencoderOptions,
  autoencoderRates,
  autoencoderRows,
  dataDifferences,
  fewerCases,
} from "../autoencoders/trial.js";
import { nagCell, nagColumn } from "../table1/cells.js";
import { table1Paper } from "../table1/paper.js";
import { gained, paperOrderings } from "../tables/ordering.js";
import { tableStudy } from "../tables/tableStudy.js";
import { table2Paper } from "./paper.js";

/** Table 2 of the paper: what the last updates with less momentum gain. Its trials are some of Table 1's. */
export const table2 = tableStudy({
  name: "table2",
  title: "Table 2: before and after the final phase",
  description:
    "What the last updates gain, in which the momentum is 0.9: the training error of NAG on CURVES, MNIST and FACES before and after " +
    "them, with the momentum that is best in the paper's Table 1. The trials are some of table1's, measured once more before the final " +
    "phase; MNIST and FACES need data.",
  options: autoencoderOptions({ fraction: 0.002, time: "CURVES about 2\nminutes on two cores, MNIST 7, FACES 20" }),
  paper: table2Paper,
  measure: autoencoderMeasure,
  shown: { heading: "Method", beforeFinal: true },
  counted: autoencoderCounted,
  rates: `Each number is that of the best of ${autoencoderRates.length} learning rates, by the error after the final phase.`,
  cells: ({ cases }) =>
    table2Paper.cells.map(({ row, max, before }) => {
      const paper = table1Paper.rows.find((one) => one.row === row)!;
      return { ...nagCell(paper, max, cases), paperBefore: before };
    }),
  orderings: ({ at }) =>
    table2Paper.cells.map(({ row, max }) => gained(`${row}: the final phase lowers the error of NAG ${max}`, at(row, nagColumn(max)))),
  orderingWords: {
    ...paperOrderings,
    decided:
      "A seed is compared with itself, before and after. The gain is found where the error of every seed falls by a tenth or more, and " +
      "not found where that of none falls. A smaller fall may be that of so many more updates, whatever their momentum: table1 has NAG " +
      "0.9 and CM 0.9, whose momentum stays as it is.",
  },
  differs: ({ cases }, data) => [...dataDifferences(autoencoderRows, data), ...fewerCases(cases)],
});
