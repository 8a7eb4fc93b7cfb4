import type { LogPlot } from "../../report/plot/logPlot.js";
import { formatCount } from "../../report/text/format.js";
import { contestantNames, contestants } from "./speedUp.js";
import type { TheoremResult } from "./theorem.js";

/** Lines of the palette: those that the methods have elsewhere, and one for Polyak's coefficients. */
const STYLES = { descent: 0, classicalMomentum: 1, nesterov: 2, polyak: 4 } as const;

/** The momentum of both methods in every eigendirection. */
export function momentumPlot({ effectiveMomentum: { constant } }: TheoremResult): LogPlot {
  const { momentum, learningRate } = constant;
  // From flat to steep.
  const coordinates = [...constant.coordinates].reverse();
  return {
    title: "Effective momentum in each eigendirection",
    xLabel: "eigenvalue times learning rate",
    yLabel: "effective momentum",
    yScale: "linear",
    levels: [{ name: "none", value: 0 }],
    series: [
      { name: "CM", points: coordinates.map(({ eigenvalue }) => [eigenvalue * learningRate, momentum]), style: STYLES.classicalMomentum },
      {
        name: "NAG",
        points: coordinates.map(({ eigenvalue, measured }) => [eigenvalue * learningRate, measured]),
        style: STYLES.nesterov,
      },
    ],
  };
}

/** Where a quadratic is well conditioned the method leaves its bound behind by dozens of powers of ten. */
const LEAST_SHARE = 1e-6;

/** How much of its bound the method of 1983 uses; each line up to where it first falls below a millionth. */
export function boundPlot({ bounds }: TheoremResult): LogPlot {
  return {
    title: "The method of 1983 against its bound",
    xLabel: "updates",
    yLabel: "f(theta_t) - f* as a share of the bound",
    levels: [{ name: "the bound", value: 1 }],
    // From update 1 on: the axis is logarithmic.
    series: bounds.map(({ conditionNumber, ratios }) => ({
      name: `R ${shortPower(conditionNumber)}`,
      points: ratios.slice(0, endOf(ratios)).map(([t, ratio]) => [t + 1, ratio]),
    })),
  };
}

function endOf(ratios: readonly (readonly [number, number])[]): number {
  const end = ratios.findIndex(([, ratio]) => ratio < LEAST_SHARE);
  return end < 0 ? ratios.length : end;
}

/** Iterations against condition numbers. */
export function speedUpPlot({ spec, speedUp: { conditionNumbers, iterations } }: TheoremResult): LogPlot {
  return {
    title: `Iterations to ${spec.reduction} of the first distance`,
    xLabel: "condition number R",
    yLabel: "iterations",
    series: contestantNames.map((name) => ({
      name: contestants[name].label,
      points: conditionNumbers.map((r, at) => [r, iterations[name][at]]),
      style: STYLES[name],
    })),
  };
}

/** "10", "1,000", "1e5". */
function shortPower(value: number): string {
  return value < 1e4 ? formatCount(value) : value.toExponential().replace("e+", "e");
}
