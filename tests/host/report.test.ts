import { describe, expect, it } from "vitest";
import { element, escapeText } from "#internal/report/page/markup";
import { htmlPage, type Page } from "#internal/report/page/page";
import { linearAxis, logAxis, logAxisWithZero } from "#internal/report/plot/axis";
import { pictureTable, pictureUrl } from "#internal/report/plot/images";
import { pointsAlong } from "#internal/report/plot/labelPlace";
import { levelLabel } from "#internal/report/plot/levelLabel";
import { logPlot } from "#internal/report/plot/logPlot";
import { divergingPalette } from "#internal/report/plot/palette";
import { adler32, crc32, encodePng } from "#internal/report/plot/png";
import { labelHeight, labelWidth, logTicks, type Tick } from "#internal/report/plot/ticks";
import { formatCount, formatCountOf, formatDuration, formatError, formatRate } from "#internal/report/text/format";
import { ProgressBars } from "#internal/report/text/progressBars";
import { textTable } from "#internal/report/text/table";

describe("numbers for people", () => {
  it("groups thousands", () => {
    expect([0, 7, 999, 1000, 20_000, 1_234_567].map(formatCount)).toEqual(["0", "7", "999", "1,000", "20,000", "1,234,567"]);
  });

  it("counts things, one of them in the singular", () => {
    expect([0, 1, 2, 20_000].map((count) => formatCountOf(count, "update"))).toEqual([
      "0 updates",
      "1 update",
      "2 updates",
      "20,000 updates",
    ]);
  });

  it("shows errors with four significant digits and never an exponent in the ordinary range", () => {
    expect([undefined, 0, 0.09637, 1.30249, 16.951, 196.04, 12_345.6, NaN, Infinity].map(formatError)).toEqual([
      "-",
      "0",
      "0.09637",
      "1.302",
      "16.95",
      "196.0",
      "12346",
      "not finite",
      "not finite",
    ]);
    expect(formatError(1.5e-7)).toBe("1.50e-7");
  });

  it("shows rates without trailing zeros", () => {
    expect([0.0001, 0.05, 0.9, 1, 0.98863636].map(formatRate)).toEqual(["0.0001", "0.05", "0.9", "1", "0.9886"]);
  });

  it("shows durations", () => {
    expect([0, 0.4, 59.4, 60, 125, 3599.6, 7265, Infinity].map(formatDuration)).toEqual([
      "0 s",
      "0 s",
      "59 s",
      "1 min 00 s",
      "2 min 05 s",
      "1 h 00 min",
      "2 h 01 min",
      "unknown",
    ]);
  });
});

describe("text tables", () => {
  it("aligns columns", () => {
    const columns = [{ title: "Optimizer" }, { title: "Error", align: "right" as const }];
    expect(
      textTable({
        columns,
        rows: [
          ["SGD", "16.9"],
          ["NAG", "1.302"],
        ],
      }),
    ).toBe(["Optimizer   Error", "---------   -----", "SGD          16.9", "NAG         1.302"].join("\n"));
  });
});

describe("logarithmic axes", () => {
  it("label powers of ten over many decades and mark the digits between", () => {
    const ticks = logTicks(1, 10_000);
    expect(ticks.filter(({ label }) => label !== "").map(({ label }) => label)).toEqual(["1", "10", "100", "1,000", "10,000"]);
    expect(ticks).toHaveLength(4 * 9 + 1);
  });

  it("label more over fewer decades, and never outside the range", () => {
    expect(
      logTicks(0.9, 220)
        .filter(({ label }) => label !== "")
        .map(({ label }) => label),
    ).toEqual(["1", "2", "5", "10", "20", "50", "100", "200"]);
    expect(logTicks(0.02, 0.05).map(({ value, label }) => [value, label])).toEqual([
      [0.02, "0.02"],
      [0.03, "0.03"],
      [0.04, "0.04"],
      [0.05, "0.05"],
    ]);
  });

  const labeled = (ticks: readonly Tick[]) => ticks.filter(({ label }) => label !== "");
  const labels = (ticks: readonly Tick[]) => labeled(ticks).map(({ label }) => label);

  it.each<[string, number, number, string[]]>([
    ["a narrow range", 0.0195, 0.0212, ["0.0195", "0.02", "0.0205", "0.021"]],
    ["a range without a 1, 2 or 5", 12, 17, ["12", "14", "16"]],
    ["a range round 1", 0.9, 1.1, ["0.9", "1", "1.1"]],
    ["a very narrow range", 1.00012, 1.00019, ["1.00012", "1.00014", "1.00016", "1.00018"]],
    ["large numbers", 123_000, 129_000, ["1.24e5", "1.26e5", "1.28e5"]],
    ["half a decade", 0.9, 3.1, ["1", "2", "3"]],
    ["most of a decade", 2.1, 9, ["3", "5", "7"]],
    ["one decade", 1, 10, ["1", "2", "5", "10"]],
    ["another decade", 0.03, 0.3, ["0.05", "0.1", "0.2"]],
    ["six decades", 0.001, 1000, ["0.001", "0.01", "0.1", "1", "10", "100", "1,000"]],
    ["a single value", 7, 7, ["7"]],
    ["nothing", 8, 7, []],
  ])("label %s", (_, minimum, maximum, expected) => {
    expect(labels(logTicks(minimum, maximum))).toEqual(expected);
  });

  it("label at least three values, with no two overlapping, whatever the range", () => {
    for (const [length, room] of [
      [254, labelHeight],
      [394, labelHeight],
      [188, labelWidth],
      [600, labelWidth],
    ] as const) {
      for (const factor of [1.001, 1.02, 1.3, 2, 3.2, 5, 9, 11, 40, 300, 1100, 1e6, 1e14, 1e40]) {
        for (const start of [1e-5, 0.00102, 0.0195, 0.11, 0.9, 1.37, 4.6, 8.7, 12, 99, 6200]) {
          // Below a narrow plot there is no room for numbers as long as 0.0010205.
          const least = length === 188 ? 1 : 3;
          const { ticks, position, minimum, maximum } = logAxis([start, start * factor], length, 1, room);
          const shown = labeled(ticks);
          expect(shown.length, `${start} to ${start * factor} on ${length}`).toBeGreaterThanOrEqual(least);
          expect(new Set(labels(ticks)).size).toBe(shown.length);
          for (const { value, label } of shown) {
            expect(value >= minimum && value <= maximum).toBe(true);
            expect(Number(label.replaceAll(",", ""))).toBeCloseTo(value, 10);
          }
          for (let at = 1; at < shown.length; at++) {
            const distance = position(shown[at].value) - position(shown[at - 1].value);
            expect(distance).toBeGreaterThanOrEqual((room(shown[at].label) + room(shown[at - 1].label)) / 2 - 1e-9);
          }
        }
      }
    }
  });

  it("label three values round a single one", () => {
    for (let value = 0.001; value < 2000; value *= 1.07) expect(labeled(logAxis([value], 254).ticks).length).toBeGreaterThanOrEqual(3);
  });

  it("label fewer where there is less room", () => {
    expect(labels(logTicks(1, 500, 600, labelWidth))).toEqual(["1", "2", "5", "10", "20", "50", "100", "200", "500"]);
    expect(labels(logTicks(1, 500, 188, labelWidth))).toEqual(["1", "3", "10", "30", "100", "300"]);
    expect(labels(logTicks(1, 1e6, 276, labelWidth))).toEqual(["1", "10", "100", "1,000", "10,000", "1e5", "1e6"]);
    expect(labels(logTicks(1, 1e6, 200, labelWidth))).toEqual(["1", "100", "10,000", "1e6"]);
    expect(labels(logTicks(1, 1e6, 20, labelWidth))).toHaveLength(1);
  });

  it("place values by their logarithm and survives having none", () => {
    const axis = logAxis([1, 100, 0, -5, NaN, Infinity], 200, 1);
    expect([axis.minimum, axis.maximum]).toEqual([1, 100]);
    expect(axis.position(10)).toBeCloseTo(100, 10);
    expect(logAxis([], 100).ticks.length).toBeGreaterThan(0);
    expect(logAxis([3], 100, 1).position(3)).toBeCloseTo(50, 10);
  });
});

describe("linear axes", () => {
  it.each([
    [1.02, 1.1],
    [0, 3],
    [-5, 12_000],
    [1e-9, 2e-9],
  ])("from %d to %d have a handful of round ticks inside", (low, high) => {
    const { ticks, position, minimum, maximum } = linearAxis([low, high, NaN, Infinity], 300);
    expect([position(minimum), position(maximum)]).toEqual([0, 300]);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(9);
    for (const { value, label } of ticks) {
      expect(value).toBeGreaterThanOrEqual(minimum);
      expect(value).toBeLessThanOrEqual(maximum);
      expect(label).toBe(String(value));
    }
    expect(ticks[1].value - ticks[0].value).toBeCloseTo(ticks[2].value - ticks[1].value, 12);
  });

  it("survive one value and none", () => {
    expect(linearAxis([1.1], 100).position(1.1)).toBeCloseTo(50, 10);
    expect(linearAxis([], 100).ticks.length).toBeGreaterThan(2);
  });
});

describe("logarithmic axes with a place for 0", () => {
  it("put it below everything else", () => {
    const axis = logAxisWithZero([0.8, 0.002, 0], 400, 0.001);
    expect(axis.ticks[0]).toEqual({ value: 0, label: "0" });
    expect(axis.position(0)).toBeGreaterThan(0);
    expect(axis.position(0)).toBeLessThan(axis.position(0.001) - 30);
    for (const { value } of axis.ticks.slice(1)) expect(value).toBeGreaterThanOrEqual(0.001);
    expect(axis.position(0.08)).toBeCloseTo((axis.position(0.8) + axis.position(0.008)) / 2, 8);
  });
});

describe("PNG pictures", () => {
  it("has the checksums of the published examples", () => {
    const bytes = new TextEncoder().encode("123456789");
    expect(crc32(bytes)).toBe(0xcbf43926);
    expect(adler32(new TextEncoder().encode("Wikipedia"))).toBe(0x11e60398);
  });

  it("writes chunks with correct lengths and checksums, and the pixels in between", () => {
    const width = 300;
    const height = 250; // longer than one stored block
    const values = Float32Array.from({ length: width * height }, (_, at) => (at % 256) / 255);
    const chunks = readChunks(encodePng(values, width, height));
    expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "IDAT", "IEND"]);
    expect([...chunks[0].data]).toEqual([0, 0, 1, 44, 0, 0, 0, 250, 8, 0, 0, 0, 0]);
    const scanlines = inflateStored(chunks[1].data);
    expect(scanlines).toHaveLength((width + 1) * height);
    for (let row = 0; row < height; row++) {
      expect(scanlines[row * (width + 1)]).toBe(0);
      expect(scanlines[row * (width + 1) + 1 + (row % width)]).toBe((row * width + (row % width)) % 256);
    }
  });

  it("writes a palette before the pixels, which are then places in it", () => {
    const palette = divergingPalette();
    const chunks = readChunks(encodePng([0, 0.5, 1], 3, 1, palette));
    expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
    expect([...chunks[0].data]).toEqual([0, 0, 0, 3, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    expect(chunks[1].data).toEqual(palette);
    expect([...inflateStored(chunks[2].data)]).toEqual([0, 0, 128, 255]);
    expect(() => encodePng([0], 1, 1, new Uint8Array(3))).toThrow("256 x 3");
  });

  it("have a diverging palette: dark blue, almost white, dark orange", () => {
    const palette = divergingPalette();
    const color = (at: number) => [...palette.subarray(3 * at, 3 * at + 3)];
    const lightness = (at: number) => color(at).reduce((sum, part) => sum + part);
    expect(palette).toHaveLength(768);
    for (let at = 1; at <= 127; at++) expect(lightness(at)).toBeGreaterThanOrEqual(lightness(at - 1));
    for (let at = 128; at < 255; at++) expect(lightness(at)).toBeGreaterThanOrEqual(lightness(at + 1));
    expect(Math.min(...color(128))).toBeGreaterThan(230);
    expect(color(40)[2]).toBeGreaterThan(color(40)[0]);
    expect(color(215)[0]).toBeGreaterThan(color(215)[2]);
  });

  it("clamps what is not a brightness", () => {
    const chunks = readChunks(encodePng([-1, 0, 0.5, 1, 7, NaN, Infinity, -Infinity], 8, 1));
    expect([...inflateStored(chunks[1].data)]).toEqual([0, 0, 0, 128, 255, 255, 0, 255, 0]);
  });

  it("refuses sizes that do not fit", () => {
    expect(() => encodePng([1, 2, 3], 2, 2)).toThrow("needs 4 values");
    expect(() => encodePng([], 0, 0)).toThrow(RangeError);
  });

  it("is read by the browser's own decoder", async () => {
    const scope = globalThis as unknown as Partial<{ createImageBitmap(blob: Blob): Promise<{ width: number; height: number }> }>;
    if (scope.createImageBitmap === undefined) return; // Node has none; the browser project runs this
    const bytes = encodePng([0, 0.25, 0.5, 0.75, 1, 0], 3, 2);
    const bitmap = await scope.createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "image/png" }));
    expect([bitmap.width, bitmap.height]).toEqual([3, 2]);
  });

  it("becomes a data URL", () => {
    const url = pictureUrl([0, 1], 2, 1);
    expect(url.startsWith("data:image/png;base64,iVBORw0KGgo")).toBe(true);
  });
});

describe("markup", () => {
  it("escapes text and attributes and drops characters that documents may not hold", () => {
    expect(escapeText(`<a href="x">'&'</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    expect(escapeText("a\u0000b\u001bc\ud800d\tе😀")).toBe("a\ufffdb\ufffdc\ufffdd\tе😀");
    expect(element("p", { title: `"><script>`, hidden: undefined }, "1 < 2").markup).toBe(
      `<p title="&quot;&gt;&lt;script&gt;">1 &lt; 2</p>`,
    );
  });
});

const hostile = `</style></script></pre><script>alert("x")</script><img src=x onerror='y'>&`;

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
      title: hostile,
      yLabel: hostile,
      series: [{ name: hostile, points: [[1, 1]] }],
      levels: [{ name: hostile, value: 2 }],
    });
    expect(markup).not.toContain("<script");
    expect(markup).not.toContain("<img");
  });
});

describe("names of levels", () => {
  const area = { left: 50, top: 40, width: 600, height: 400 };
  const place = (y: number, curves: readonly (readonly [number, number])[]) => {
    const [, x, baseline, anchor] = levelLabel("biases only", y, area, curves).markup.match(
      /x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"/,
    )!;
    return [Number(x), Number(baseline) < y ? "above" : "below", anchor];
  };

  it("stand above the line at its right where that is free", () => {
    expect(place(200, [])).toEqual([644, "above", "end"]);
    expect(
      place(
        200,
        pointsAlong([
          [50, 60],
          [650, 420],
        ]),
      ),
    ).toEqual([644, "above", "end"]);
  });

  it("give way to a curve that runs above the line, below it, or both at the right", () => {
    const along = (y: number, from = 50, to = 650) =>
      pointsAlong([
        [from, y],
        [to, y],
      ]);
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
    expect(
      place(
        435,
        pointsAlong([
          [50, 428],
          [650, 428],
        ]),
      ),
    ).toEqual([644, "above", "end"]);
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

describe("report pages", () => {
  const page = (text: string): Page => ({
    title: text,
    lead: text,
    footer: text,
    sections: [
      { kind: "prose", title: text, paragraphs: [text] },
      {
        kind: "table",
        title: text,
        caption: text,
        table: { columns: [{ title: text }, { title: "n", align: "right" }], rows: [[text, "1"]] },
      },
      {
        kind: "plot",
        title: text,
        caption: text,
        plot: {
          title: text,
          xLabel: text,
          yLabel: text,
          series: [
            {
              name: text,
              points: [
                [1, 2],
                [3, 4],
              ],
            },
          ],
        },
      },
      {
        kind: "pictures",
        title: text,
        caption: text,
        pictures: { width: 2, height: 2, rows: [{ name: text, note: text, values: new Float32Array(8), captions: [text, text] }] },
      },
      { kind: "facts", title: text, facts: [[text, text]] },
      { kind: "data", title: text, caption: text, values: [{ name: text, value: { [text]: text } }] },
    ],
  });

  it("is one file: no script, nothing loaded from elsewhere", () => {
    const html = htmlPage(page("Curves"));
    expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(html).toContain('<meta charset="utf-8">');
    expect(html).toContain('name="viewport"');
    expect(html).not.toMatch(/<script|<link|src="(?!data:)|@import|url\(/);
    expect(html.match(/<h2>/g)).toHaveLength(6);
    expect(html.match(/<img /g)).toHaveLength(2);
  });

  it("closes every element it opens", () => {
    const open: string[] = [];
    for (const [, closing, name] of htmlPage(page("a < b & c"))
      .replace(/<style>.*?<\/style>/gs, "")
      .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (["meta", "img"].includes(name)) continue;
      if (closing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("keeps untrusted text text, everywhere", () => {
    const html = htmlPage(page(hostile));
    expect(html).not.toContain("<script");
    expect(html).not.toContain("onerror='");
    expect(html.match(/<img /g)).toHaveLength(2);
    expect(html.match(/<\/style>/g)).toHaveLength(htmlPage(page("harmless")).match(/<\/style>/g)!.length);
  });

  it("limits the height of pictures, crisp and square ones square", () => {
    const [rule] = htmlPage(page("a")).match(/\.strip img\{[^}]*\}/)!;
    for (const part of ["max-height:40rem", "max-width:40rem", "image-rendering:pixelated"]) expect(rule).toContain(part);
  });

  it("explains colors by a scale", () => {
    const scale = {
      ticks: [
        { place: 0, label: "-1" },
        { place: 1, label: hostile },
      ],
    };
    const { markup } = pictureTable({
      width: 1,
      height: 1,
      rows: [{ name: "h", values: new Float32Array(1) }],
      palette: divergingPalette(),
      scale,
    });
    expect(markup.match(/<img /g)).toHaveLength(2);
    expect(markup).toContain('<span style="left:0.0%">-1</span>');
    expect(markup).not.toContain("<script");
  });

  it("names pictures for those who do not see them", () => {
    const { markup } = pictureTable({
      width: 1,
      height: 1,
      rows: [{ name: "NAG", values: new Float32Array(2), captions: ["0.5", "0.7"] }],
    });
    expect(markup).toContain('alt="NAG, picture 2 (0.7)"');
  });
});

describe("progress", () => {
  function scene(interactive: boolean, columns = 100) {
    const written: string[] = [];
    const clock = { time: 0 };
    const terminal = { write: (text: string) => void written.push(text), interactive, color: false, columns: () => columns };
    return {
      written,
      clock,
      bars: new ProgressBars(
        terminal,
        [
          { name: "SGD", total: 1000 },
          { name: "NAG", total: 1000 },
        ],
        () => clock.time,
      ),
    };
  }

  it("redraws one line per track in place and gives the cursor back", () => {
    const { written, clock, bars } = scene(true);
    for (let update = 1; update <= 100; update++) {
      clock.time += 10;
      bars.advance(0, update, 100 / update);
      bars.advance(1, update, 90 / update);
    }
    bars.finish();
    expect(written[0].startsWith("\x1b[?25l")).toBe(true);
    expect(written.length).toBeGreaterThan(5);
    expect(written.length).toBeLessThan(20);
    for (const drawing of written.slice(1, -1)) expect(drawing.startsWith("\x1b[2A")).toBe(true);
    expect(written[written.length - 1]).toBe("\x1b[?25h");
    const last = written[written.length - 2];
    expect(last).toMatch(/SGD .* 10 % +error {2}1\.000 +10[01] updates\/s +9 s left/);
    expect(last).toMatch(/NAG .* 10 % +error 0\.9000/);
  });

  it.each([200, 80, 60, 40, 25, 10])("never writes a line that wraps on %i columns", (columns) => {
    const { written, clock, bars } = scene(true, columns);
    for (let update = 1; update <= 1000; update++) {
      clock.time += 35;
      bars.advance(0, update, 16.95);
      bars.advance(1, update, 1.302);
    }
    bars.finish();
    for (const line of written.join("").split("\n")) expect(line.replace(/\x1b\[[?\d]*[A-Za-z]|\r/g, "").length).toBeLessThan(columns);
  });

  it("shows share, time left and a few words of work that is not counted in updates", () => {
    for (const [interactive, columns] of [
      [true, 100],
      [true, 40],
      [true, 12],
      [false, 80],
    ] as const) {
      const written: string[] = [];
      const clock = { time: 0 };
      const terminal = { write: (text: string) => void written.push(text), interactive, color: false, columns: () => columns };
      const bars = new ProgressBars(terminal, [{ name: "theorem" }], () => clock.time);
      for (let percent = 1; percent <= 50; percent++) {
        clock.time += 100;
        bars.reach(0, percent / 100, `part ${percent}`);
      }
      bars.finish();
      const lines = written.filter((text) => text !== "\x1b[?25h").map((text) => text.replace(/\x1b\[[?\d]*[A-Za-z]|\r|\n/g, ""));
      expect(lines.length).toBeGreaterThan(1);
      const last = lines[lines.length - 1];
      if (interactive) for (const line of lines) expect(line.length).toBeLessThan(columns);
      if (columns === 100) expect(last).toMatch(/^theorem {2}━{12}·{12} +50 % +5 s left +part 50$/);
      if (columns === 40) expect(last).toMatch(/^theorem {2}━{11}·{12} +50 %$/);
      if (!interactive) {
        expect(lines[0]).toBe("theorem 20 %, part 20 | 8 s left");
        expect(last).toBe("theorem 50 %, part 50 | 5 s left");
      }
    }
  });

  it("counts the speed from where a track began", () => {
    const written: string[] = [];
    const clock = { time: 0 };
    const terminal = { write: (text: string) => void written.push(text), interactive: false, color: false, columns: () => 80 };
    const bars = new ProgressBars(terminal, [{ name: "NAG", total: 1000, update: 900 }], () => clock.time);
    for (let update = 901; update <= 1000; update++) {
      clock.time += 100;
      bars.advance(0, update, 1);
    }
    bars.finish();
    expect(written[0]).toMatch(/^update 920 of 1,000 \| NAG 92 % error 1\.000 \| 10 updates\/s, 8 s left\n$/);
    expect(written[written.length - 1]).toContain("10 updates/s, done in 10 s");
  });

  it("writes plain lines in a pipe, at intervals, without control characters, and one at the end", () => {
    const { written, clock, bars } = scene(false);
    for (let update = 1; update <= 1000; update++) {
      clock.time += 25;
      bars.advance(0, update, 16.95);
      bars.advance(1, update, 1.302);
    }
    bars.finish();
    expect(written).toHaveLength(4);
    expect(written.join("")).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(written[0]).toMatch(/^update 80 of/);
    expect(written[1]).toMatch(
      /^update 480 of 1,000 \| SGD 48 % error 16\.95 \| NAG (47|48) % error 1\.302 \| 80 updates\/s, 13 s left\n$/,
    );
    expect(written[3]).toContain("done in 25 s");
  });
});

interface Chunk {
  type: string;
  data: Uint8Array;
}

function readChunks(png: Uint8Array): Chunk[] {
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  let at = 8;
  while (at < png.length) {
    const length = view.getUint32(at);
    expect(view.getUint32(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.push({ type: String.fromCharCode(...png.subarray(at + 4, at + 8)), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  expect(at).toBe(png.length);
  return chunks;
}

/** Undoes zlib round stored blocks, checking every field. */
function inflateStored(zlib: Uint8Array): Uint8Array {
  expect(((zlib[0] << 8) | zlib[1]) % 31).toBe(0);
  const bytes: number[] = [];
  let at = 2;
  for (let last = 0; last === 0; ) {
    last = zlib[at];
    const length = zlib[at + 1] | (zlib[at + 2] << 8);
    expect((zlib[at + 3] | (zlib[at + 4] << 8)) ^ 0xffff).toBe(length);
    for (const byte of zlib.subarray(at + 5, at + 5 + length)) bytes.push(byte);
    at += 5 + length;
  }
  const data = Uint8Array.from(bytes);
  expect(new DataView(zlib.buffer, zlib.byteOffset + at).getUint32(0)).toBe(adler32(data));
  expect(at + 4).toBe(zlib.length);
  return data;
}
