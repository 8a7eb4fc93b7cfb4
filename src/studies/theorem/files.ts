import { logPlot } from "../../report/plot/logPlot.js";
import { csvText } from "../../report/text/csvText.js";
import { statementsCsv } from "../statement.js";
import { boundPlot, momentumPlot, speedUpPlot } from "./plots.js";
import { contestantNames } from "./speedUp.js";
import type { TheoremResult } from "./theorem.js";

/** All numbers as CSV, every digit of them, and the pictures. */
export function theoremFiles(result: TheoremResult): Record<string, string> {
  const { effectiveMomentum, equivalence, bounds, speedUp } = result;
  const svg = (plot: Parameters<typeof logPlot>[0]): string => `${logPlot(plot).markup}\n`;
  return {
    "statements.csv": statementsCsv(result),
    "effective-momentum.csv": csvText(
      ["eigenvalue", "predicted", "measured"],
      effectiveMomentum.constant.coordinates.map(({ eigenvalue, predicted, measured }) => [eigenvalue, predicted, measured]),
    ),
    "momentum-1983.csv": csvText(
      ["t", "a", "momentum"],
      equivalence.momenta.map(({ t, a, momentum }) => [t, a, momentum]),
    ),
    "bound.csv": csvText(
      ["conditionNumber", "t", "ratio"],
      bounds.flatMap(({ conditionNumber, ratios }) => ratios.map(([t, ratio]) => [conditionNumber, t, ratio])),
    ),
    "speed-up.csv": csvText(
      ["conditionNumber", ...contestantNames],
      speedUp.conditionNumbers.map((r, at) => [r, ...contestantNames.map((name) => speedUp.iterations[name][at])]),
    ),
    "effective-momentum.svg": svg(momentumPlot(result)),
    "bound.svg": svg(boundPlot(result)),
    "speed-up.svg": svg(speedUpPlot(result)),
  };
}
