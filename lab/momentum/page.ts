import { DivergedError } from "heavyball";
import { planePlot } from "#internal/report/plot/planePlot";
import { type Figure1Result, runFigure1 } from "#internal/studies/figure1/figure1";
import { classicalMomentumPlot, figure1Outcome, nesterovPlot } from "#internal/studies/figure1/figure1Page";
import { DrawingPlace } from "../parts/drawing.js";
import { button, element, pageHead, section } from "../parts/element.js";
import { LineChart, written } from "../parts/lineChart.js";
import { Slider } from "../parts/slider.js";
import { Plane } from "./plane.js";
import { directionTable, outcomeTable } from "./tables.js";
import { directions, type Setting, ways } from "./ways.js";

const presets: Readonly<Record<string, Omit<Setting, "start"> & { readonly start: readonly [number, number] }>> = {
  "The paper's Figure 2": { conditionNumber: 20, momentum: 0.9, learningRate: 0.05, updates: 60, start: [-4, 2] },
  "Too steep for NAG": { conditionNumber: 20, momentum: 0.9, learningRate: 0.08, updates: 60, start: [-4, 2] },
  "Very oblong": { conditionNumber: 400, momentum: 0.9, learningRate: 0.0024, updates: 150, start: [-4, 0.5] },
};

/** Momentum on the oblong quadratic: ways, values, effective momentum, and the vectors of one step. */
export function mount(root: HTMLElement): void {
  const first = presets["The paper's Figure 2"];
  let start = first.start;
  const mu = new Slider(
    { label: "Momentum μ", minimum: 0, maximum: 0.999, step: 0.001, value: first.momentum, show: (v) => v.toFixed(3) },
    draw,
  );
  const rate = new Slider(
    { label: "Learning rate ε", minimum: 0.001, maximum: 2, isLogarithmic: true, value: first.learningRate, show: written },
    draw,
  );
  const condition = new Slider(
    { label: "Condition number R", minimum: 1, maximum: 1000, isLogarithmic: true, value: first.conditionNumber, show: written },
    draw,
  );
  const updates = new Slider({ label: "Updates", minimum: 10, maximum: 200, step: 1, value: first.updates, show: String }, draw);
  const step = new Slider({ label: "Updates of CM before it", minimum: 1, maximum: 40, step: 1, value: 2, show: String }, drawStep);

  const plane = new Plane((moved) => {
    start = moved;
    draw();
  });
  const chart = new LineChart({ xLabel: "updates", yLabel: "value of the quadratic", isLogarithmic: true, height: 280 });
  const outcomes = element("div", { "aria-live": "off" });
  const pace = element("div");
  let vectors: Figure1Result | undefined;
  const halves = [classicalMomentumPlot, nesterovPlot].map(
    (plot) => new DrawingPlace((width) => planePlot(plot(vectors!), width, Math.max(280, Math.round(0.72 * width)))),
  );
  const said = element("p", { class: "caption" });

  function setting(): Setting {
    return { conditionNumber: condition.value, momentum: mu.value, learningRate: rate.value, updates: updates.value, start };
  }

  function draw(): void {
    const now = setting();
    const found = ways(now);
    plane.draw(now, found);
    chart.draw(
      found.map(({ name, style, values }) => ({
        name,
        style,
        x: values.map((_, at) => at),
        // What has left the plane by so much only hides the others.
        y: values.map((value) => (value < 1e6 * (values[0] || 1) ? value : undefined)),
      })),
    );
    outcomes.replaceChildren(outcomeTable(found, now));
    pace.replaceChildren(directionTable(directions(now), now));
    drawStep();
  }

  function drawStep(): void {
    const { conditionNumber, momentum, learningRate, start } = setting();
    try {
      const work = runFigure1({ study: "figure1", conditionNumber, momentum, learningRate, updates: step.value, start });
      for (let next = work.next(); ; next = work.next()) {
        if (!next.done) continue;
        vectors = next.value;
        break;
      }
      for (const half of halves) half.draw();
      said.textContent = figure1Outcome(vectors);
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      said.textContent = "After so many updates at this rate its numbers are no longer finite: the pictures are those of before.";
    }
  }

  function choose({ conditionNumber, momentum, learningRate, updates: count, start: from }: Setting): void {
    [mu.value, rate.value, condition.value, updates.value, start] = [momentum, learningRate, conditionNumber, count, from];
    draw();
  }

  root.append(
    pageHead(
      "Momentum",
      "The quadratic (x² + R y²) / 2 is R times as steep up and down as it is along. Gradient descent must step carefully for the steep " +
        "direction and so crawls in the flat one; momentum gathers speed there. Drag the start, or move a slider.",
    ),
    element("div", { class: "controls" }, mu.root, rate.root, condition.root, updates.root),
    element("p", { class: "buttons" }, ...Object.entries(presets).map(([name, preset]) => button(name, () => choose(preset)))),
    plane.root,
    outcomes,
    section("How fast the value falls", chart.root),
    section(
      "Effective momentum",
      element(
        "p",
        {},
        "In a direction of curvature λ, Nesterov momentum is classical momentum with μ(1 − λε) in place of μ (Theorem 2.1): it brakes " +
          "itself where the ground is steep and keeps its pace where it is flat. The factor is what an update multiplies the distance " +
          "by, in the long run; above 1 a method diverges.",
      ),
      pace,
    ),
    section(
      "One update as vectors",
      element("p", {}, "Both updates start at the same θₜ with the same velocity; NAG takes the gradient where μvₜ leads."),
      element("div", { class: "controls one" }, step.root),
      element(
        "div",
        { class: "halves" },
        element("figure", {}, element("figcaption", {}, "Classical momentum"), halves[0].root),
        element("figure", {}, element("figcaption", {}, "Nesterov momentum"), halves[1].root),
      ),
      said,
    ),
  );
  draw();
}
