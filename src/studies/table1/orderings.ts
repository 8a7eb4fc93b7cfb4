import { lower, lowestOf, type Ordering, rangeOf } from "../tables/ordering.js";
import type { ReadTable } from "../tables/tableDefinition.js";
import { cmColumn, nagColumn } from "./cells.js";
import { table1Maxima, table1Paper } from "./paper.js";

/** What the paper calls far better than SGD: in its table the best momentum has 0.15, 0.35 and 0.21 of SGD's error. */
const farBetter = 0.5;

/** What Table 1 says of its columns, row by row. */
export function table1Orderings({ at }: ReadTable): Ordering[] {
  const [small, ...large] = table1Maxima;
  return table1Paper.rows.flatMap(({ row }) => {
    const of = (column: string) => rangeOf(at(row, column));
    const momenta = [...table1Maxima.map(nagColumn), ...table1Maxima.map(cmColumn)].map(of);
    return [
      ...large.map((max) => {
        return lower(`${row}: NAG is at least as good as CM at ${max}`, of(nagColumn(max)), of(cmColumn(max)), { orEqual: true });
      }),
      ...[nagColumn, cmColumn].flatMap((column) =>
        large.map((max) => lower(`${row}: ${column(max)} is better than ${column(small)}`, of(column(max)), of(column(small)))),
      ),
      lower(`${row}: the best momentum has at most half the error of SGD`, lowestOf("momentum", momenta), of("SGD"), {
        factor: farBetter,
        orEqual: true,
      }),
    ];
  });
}
