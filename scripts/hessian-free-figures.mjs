/**
 * Draws the figures of docs/hessian-free.md from the records in docs/records (after npm run build):
 *
 *   node scripts/hessian-free-figures.mjs
 *
 * CURVES: squared training error of Hessian-free and its momentum variant against steps of conjugate gradient (beside Martens' published
 * run on the original images), cases processed and seconds. Addition: zero-one error against steps.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { logPlot } from "../dist/report/plot/logPlot.js";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));
const reportsOf = (name) => JSON.parse(readFileSync(`${docs}records/${name}.json`, "utf8")).reports;
const draw = (name, plot) => writeFileSync(`${docs}figures/${name}.svg`, `${logPlot(plot).markup}\n`);

const curves = [
  { name: "HF", reports: reportsOf("hessian-free-curves"), style: 3 },
  { name: "momentum variant", reports: reportsOf("hessian-free-curves-momentum"), style: 2 },
];
const reference = readFileSync(`${docs}records/martens-2010-curves.csv`, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").map(Number));
const meanImage = {
  name: "mean image",
  value: JSON.parse(readFileSync(`${docs}records/hessian-free-curves.json`, "utf8")).baseline.trainingError,
};

const axes = {
  totalConjugateGradientSteps: { file: "steps", label: "steps of conjugate gradient" },
  casesProcessed: { file: "cases", label: "cases processed" },
  seconds: { file: "seconds", label: "seconds" },
};
for (const [key, { file, label }] of Object.entries(axes)) {
  const series = curves.map(({ name, reports, style }) => ({
    name,
    style,
    points: reports.flatMap(({ [key]: x, trainingError }) => (x > 0 && trainingError !== undefined ? [[x, trainingError]] : [])),
  }));
  if (key === "totalConjugateGradientSteps") series.push({ name: "Martens 2010", style: 0, points: reference });
  draw(`hessian-free-curves-${file}`, {
    title: `CURVES: squared training error against ${label}`,
    xLabel: label,
    yLabel: "squared error",
    series,
    levels: [meanImage],
  });
}

const addition = JSON.parse(readFileSync(`${docs}records/hessian-free-addition.json`, "utf8"));
draw("hessian-free-addition", {
  title: "Addition, T = 80: zero-one error against steps of conjugate gradient",
  xLabel: axes.totalConjugateGradientSteps.label,
  yLabel: "zero-one error",
  xScale: "linear",
  yResolution: 1 / 1000,
  series: [
    {
      name: "HF",
      style: 3,
      points: addition.reports.flatMap(({ totalConjugateGradientSteps: x, zeroOne }) => (x > 0 ? [[x, zeroOne]] : [])),
    },
  ],
  levels: [{ name: "biases only", value: addition.baseline.zeroOne }],
});
