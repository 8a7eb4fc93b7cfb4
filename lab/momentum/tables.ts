import { element } from "../parts/element.js";
import { written } from "../parts/lineChart.js";
import { type Cell, table } from "../parts/table.js";
import type { Direction, Setting, Way } from "./ways.js";

/** What became of each method. */
export function outcomeTable(ways: readonly Way[], { learningRate }: Setting): HTMLElement {
  const rows = ways.map(({ name, title, style, values, limit, divergedAt }): Cell[] => [
    { text: `${name}`, title, style },
    written(values[values.length - 1]),
    limit === undefined ? "–" : written(limit),
    verdict(limit, divergedAt, learningRate),
  ]);
  return table(["Method", "Value at the end", "Diverges from a rate of", "At this rate"], rows);
}

function verdict(limit: number | undefined, divergedAt: number | undefined, rate: number): Cell {
  if (limit === undefined) return "steps of about the rate's length";
  if (rate < limit) return `converges: ${Math.round((100 * rate) / limit)} % of that rate`;
  if (divergedAt === undefined) return { text: "diverges, after what is shown", isBad: true };
  return { text: `diverges: above its start from update ${divergedAt} on`, isBad: true };
}

/** Momentum and pace in the two directions. */
export function directionTable(directions: readonly Direction[], { momentum }: Setting): HTMLElement {
  const pace = (factor: number): Cell =>
    factor < 1 ? `${factor.toFixed(3)}` : { text: `${factor.toFixed(3)}, grows`, isBad: factor > 1.0005 };
  const rows = directions.map(({ name, lambda, nesterov, factors }): Cell[] => [
    name,
    written(lambda),
    momentum.toFixed(3),
    { text: nesterov.toFixed(3), isBad: nesterov < -1 },
    pace(factors.descent),
    pace(factors.classicalMomentum),
    pace(factors.nesterov),
  ]);
  const head = ["Direction", "Curvature λ", "CM: μ", "NAG: μ(1 − λε)", "Factor of GD", "of CM", "of NAG"];
  const place = element("div", {}, table(head, rows));
  return place;
}
