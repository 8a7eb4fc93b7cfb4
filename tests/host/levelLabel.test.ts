import { describe, expect, it } from "vitest";
import { pointsAlong } from "#internal/report/plot/labelPlace";
import { levelLabel } from "#internal/report/plot/levelLabel";
import { logPlot } from "#internal/report/plot/logPlot";

describe("names of levels", () => {
  const line = (x: number, y: number, toX: number, toY: number) =>
    pointsAlong([
      [x, y],
      [toX, toY],
    ]);
  const area = { left: 50, top: 40, width: 600, height: 400 };
  const place = (y: number, curves: readonly (readonly [number, number])[]) => {
    const [, x, baseline, anchor] = levelLabel("biases only", y, area, curves).markup.match(
      /x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"/,
    )!;
    return [Number(x), Number(baseline) < y ? "above" : "below", anchor];
  };

  it("stand above the line at its right where that is free", () => {
    expect(place(200, [])).toEqual([644, "above", "end"]);
    expect(place(200, line(50, 60, 650, 420))).toEqual([644, "above", "end"]);
  });

  it("give way to a curve that runs above the line, below it, or both at the right", () => {
    const along = (y: number, from = 50, to = 650) => line(from, y, to, y);
    expect(place(200, along(190))).toEqual([644, "below", "end"]);
    expect(place(200, along(210))).toEqual([644, "above", "end"]);
    expect(place(200, [...along(190, 300), ...along(210, 300)])).toEqual([56, "above", "start"]);
    expect(place(200, [...along(190, 400), ...along(210, 400), ...along(190, 50, 150), ...along(210, 50, 150)])).toEqual([
      350,
      "above",
      "middle",
    ]);
  });

  it("stay inside the plot", () => {
    expect(place(45, [])).toEqual([644, "below", "end"]);
    expect(place(435, line(50, 428, 650, 428))).toEqual([644, "above", "end"]);
  });

  it("see a line between points that are far apart", () => {
    const points = pointsAlong([
      [0, 0],
      [30, 40],
      [30, 40],
    ]);
    expect(points).toHaveLength(1 + 13 + 1);
    for (let at = 1; at < points.length; at++)
      expect(Math.hypot(points[at][0] - points[at - 1][0], points[at][1] - points[at - 1][1])).toBeLessThanOrEqual(4);
    expect(points[13]).toEqual([30, 40]);
    expect(pointsAlong([])).toEqual([]);
  });

  it("are off the curve in a plot whose curve lies just above the level to the end", () => {
    const curve = Array.from({ length: 60 }, (_, at): [number, number] => [10 * (at + 1), 0.5 + 0.005 * (at % 3)]);
    const { markup } = logPlot({
      title: "Zero-one error",
      xLabel: "updates",
      yLabel: "error",
      series: [{ name: "NAG", points: curve }],
      levels: [{ name: "biases only", value: 0.5 }],
    });
    const baseline = Number(markup.match(/halo" x="[\d.]+" y="([\d.]+)"/)![1]);
    for (const [, , y] of markup.match(/<path class="line0" d="([^"]*)"/)![1].matchAll(/[ML]([\d.]+) ([\d.]+)/g)) {
      expect(Number(y) < baseline - 12 || Number(y) > baseline + 3).toBe(true);
    }
  });
});
