import { formatCount } from "../../report/text/format.js";
import type { TableMeasure } from "../tables/plannedCell.js";

/**
 * How trials of the recurrent problems are judged: by the zero-one error, but in rounds of successive halving by the loss. While nothing is
 * answered right yet the error is what chance gives, and rates would be chosen by noise.
 */
export const sequenceMeasure: TableMeasure = {
  key: "zeroOne",
  title: "Zero-one error of held-out sequences",
  diverged: "baseline",
  rounds: {
    by: "heldOutLoss",
    words: "the loss of the held-out sequences, in which no seed counts for more than the biases alone: the error may be chance in them",
  },
};

/** What the errors of the recurrent problems are, in a sentence. */
export function errorsText(testCases: number): string {
  return (
    `Errors are measured on ${formatCount(testCases)} held-out sequences a seed: of addition and multiplication the share whose answer ` +
    "is wrong by more than 0.04, of the memory problems the symbols that are repeated wrongly, per sequence."
  );
}
