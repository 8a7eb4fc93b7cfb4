import { describe, expect, it } from "vitest";
import { logPlot } from "#internal/report/plot/logPlot";
import { hostileText } from "../support/hostileText.js";

describe("log-log plots", () => {
  const plot = {
    title: "Training error",
    xLabel: "updates",
    yLabel: "squared error",
    series: [
      {
        name: "SGD",
        points: [
          [0, 200],
          [1, 190],
          [10, 20],
          [100, 16],
          [1000, 12],
        ],
      },
      {
        name: "CM",
        points: [
          [1, 190],
          [10, 20],
          [100, 16],
          [1000, 1.31],
        ],
      },
      {
        name: "NAG",
        points: [
          [1, 190],
          [10, 20],
          [100, 15],
          [1000, 1.3],
          [1001, NaN],
        ],
      },
    ] as { name: string; points: [number, number][] }[],
    levels: [{ name: "mean image", value: 16.9 }],
  };

  it("draws a line, a legend entry and an end label for each series, and keeps the labels apart", () => {
    const { markup } = logPlot(plot);
    expect(markup.match(/<path class="line\d"/g)).toHaveLength(6);
    for (const name of ["SGD", "CM", "NAG"]) expect(markup.split(`>${name}</text>`)).toHaveLength(3);
    expect(markup).toContain("mean image");
    const ends = [...markup.matchAll(/<text class="name line\d" x="[\d.]+" y="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(ends).toHaveLength(3);
    for (let at = 1; at < ends.length; at++) expect(ends[at] - ends[at - 1]).toBeGreaterThanOrEqual(15.99);
  });

  it("leaves the legend out where it does not fit, and keeps the names at the lines' ends", () => {
    const names = ["R 10", "R 100", "R 1,000", "R 1e4", "R 1e5"];
    const many = { ...plot, series: names.map((name, at) => ({ name, points: [[1, at + 1] as const, [10, at + 2] as const] })) };
    for (const [width, entries] of [
      [800, 2],
      [370, 1],
    ]) {
      const { markup } = logPlot(many, width, 340);
      for (const name of names) expect([name, markup.split(`>${name}</text>`).length - 1]).toEqual([name, entries]);
      for (const [, x] of markup.matchAll(/ x="(-?[\d.]+)"/g)) expect(Number(x)).toBeGreaterThanOrEqual(0);
      for (const [, x] of markup.matchAll(/ d="M(-?[\d.]+)/g)) expect(Number(x)).toBeGreaterThanOrEqual(0);
    }
  });

  it("makes room at the left for long numbers", () => {
    const left = (low: number, high: number) =>
      Number(
        logPlot({
          ...plot,
          series: [
            {
              name: "NAG",
              points: [
                [1, low],
                [9, high],
              ],
            },
          ],
          levels: [],
          yScale: "linear",
        }).markup.match(/class="frame" d="M([\d.]+)/)![1],
      );
    expect(left(1, 100)).toBe(52);
    expect(left(1.00001, 1.00003)).toBeGreaterThan(60);
  });

  it("leaves out points that have no logarithm and stays inside its frame", () => {
    const { markup } = logPlot(plot, 760, 460);
    expect(markup).not.toMatch(/NaN|Infinity/);
    for (const [, x, y] of markup.matchAll(/[ML]([\d.]+) ([\d.]+)/g)) {
      expect(Number(x)).toBeLessThanOrEqual(760);
      expect(Number(y)).toBeLessThanOrEqual(460);
    }
  });

  it("draws zeros where a resolution is given, and nowhere else", () => {
    const fell = {
      ...plot,
      series: [
        {
          name: "NAG",
          points: [
            [1, 0.8],
            [10, 0.01],
            [100, 0],
          ] as [number, number][],
        },
      ],
      levels: [],
    };
    const points = (markup: string) => [...markup.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].length;
    const [without, with_] = [logPlot(fell).markup, logPlot({ ...fell, yResolution: 0.001 }).markup];
    expect(points(with_)).toBe(points(without) + 1);
    expect(with_).toContain(">0</text>");
    expect(without).not.toContain(">0</text>");
    // No zero, no place for it.
    expect(logPlot({ ...fell, series: [{ name: "NAG", points: [[1, 0.8]] }], yResolution: 0.001 }).markup).not.toContain(">0</text>");
  });

  it("takes a linear y axis, and the style asked for, and no legend for a single line", () => {
    const { markup } = logPlot({
      ...plot,
      series: [
        {
          name: "NAG",
          points: [
            [1, -1],
            [10, 0],
            [100, 1],
          ],
          style: 2,
        },
      ],
      levels: [{ name: "none", value: 0 }],
      yScale: "linear",
    });
    expect(markup.match(/<path class="line\d"/g)).toEqual(['<path class="line2"']);
    expect(markup).toContain("x axis logarithmic");
    const [path] = markup.match(/<path class="line2"[^>]*>/)!;
    const heights = [...path.matchAll(/ ([\d.]+)(?=[ML"])/g)].map((match) => Number(match[1]));
    expect(heights[0] - heights[1]).toBeCloseTo(heights[1] - heights[2], 0);
  });

  it("works with nothing to draw", () => {
    expect(logPlot({ ...plot, series: [{ name: "none", points: [] }], levels: [] }).markup).toContain("<svg");
  });

  it("keeps untrusted names text", () => {
    const { markup } = logPlot({
      ...plot,
      title: hostileText,
      yLabel: hostileText,
      series: [{ name: hostileText, points: [[1, 1]] }],
      levels: [{ name: hostileText, value: 2 }],
    });
    expect(markup).not.toContain("<script");
    expect(markup).not.toContain("<img");
  });
});
