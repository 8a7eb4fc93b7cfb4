import type { Section } from "../../report/page/page.js";
import { formatRate } from "../../report/text/format.js";
import { enumerate } from "../../report/text/words.js";
import {
  autoencoderCounted,
  autoencoderMeasure,
  autoencoderOptions,
  autoencoderRates,
  autoencoderRows,
  dataDifferences,
  fewerCases,
} from "../autoencoders/trial.js";
import { ourText, paperText } from "../tables/cellTable.js";
import type { TableCell } from "../tables/tableCell.js";
import { tableStudy } from "../tables/tableStudy.js";
import { adamRates, table1Cells, table1Quoted } from "./cells.js";
import { table1Orderings } from "./orderings.js";
import { table1Paper } from "./paper.js";

/** Table 1 of the paper: SGD, NAG and CM on three deep autoencoders, by the largest momentum. */
export const table1 = tableStudy({
  name: "table1",
  title: "Table 1: momentum on deep autoencoders",
  description:
    "The autoencoders of CURVES, MNIST and FACES trained from sparse initialization by SGD, by NAG and by CM with a momentum of up to " +
    "0.9, 0.99, 0.995 and 0.999, and, beside the paper, by Adam; the learning rate is chosen in every cell. MNIST and FACES need data.",
  options: autoencoderOptions({ fraction: 0.002, time: "CURVES about 20\nminutes on two cores, MNIST an hour, FACES three" }),
  paper: table1Paper,
  measure: autoencoderMeasure,
  shown: { heading: "Method", beforeFinal: true },
  counted: autoencoderCounted,
  rates:
    `Each number is that of the best of the paper's ${autoencoderRates.length} learning rates ` +
    `(${enumerate(autoencoderRates.map(String))}), of Adam that of the best of ${adamRates.length} of its own ` +
    `(${enumerate(adamRates.map(formatRate))}).`,
  cells: ({ cases }) => table1Cells(cases),
  quoted: table1Quoted,
  orderings: table1Orderings,
  differs: ({ cases }, data) => [
    ...dataDifferences(autoencoderRows, data),
    ...fewerCases(cases),
    "The columns of others are quoted, not run. Adam is not in the paper; its beta_1 is 0.9, its beta_2 0.999, and it has no final phase.",
  ],
  sections: (result) => [asInThePaper(result)],
});

/** The table as it is printed, each row with ours below the paper's. */
function asInThePaper({ cells }: { readonly cells: readonly TableCell[] }): Section {
  const columns = [...new Set(cells.map(({ column }) => column))];
  const rows = [...new Set(cells.map(({ row }) => row))].flatMap((row) => {
    const own = columns.map((column) => cells.find((cell) => cell.row === row && cell.column === column)!);
    return [
      [`${row}, paper`, ...own.map(({ paper }) => paperText(paper))],
      [`${row}, here`, ...own.map((cell) => (cell.state === "partial" && cell.best ? `${ourText(cell)} so far` : ourText(cell)))],
    ];
  });
  return {
    kind: "table",
    title: "As in the paper",
    table: { columns: [{ title: "" }, ...columns.map((title) => ({ title, align: "right" as const }))], rows },
    caption: "The paper's numbers are those of 750,000 updates; ours of as many as are said above.",
  };
}
