import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { element } from "./element.js";
import { colors, lineLook, onThemeChange } from "./theme.js";

/** A line: its points in the order of x, and which of the library's line styles it has. */
export interface ChartLine {
  readonly name: string;
  readonly style: number;
  readonly x: readonly number[];
  readonly y: readonly (number | undefined)[];
  /** Places of x at which something was changed. */
  readonly marks?: readonly number[];
}

export interface ChartOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height?: number;
  /** Of y. */
  readonly isLogarithmic?: boolean;
  /** Of x: what is at 0 has no place. */
  readonly isLogarithmicX?: boolean;
}

/** Distances of the marks on an axis that counts. */
const whole = [1, 2, 5].flatMap((digit) => Array.from({ length: 7 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

/** Lines over x, with a legend that tells the values under the pointer; drawn anew when they change, and when the page does. */
export class LineChart {
  readonly root = element("div", { class: "chart" });
  private plot: uPlot | undefined;
  private lines: readonly ChartLine[] = [];
  /** What the plot was made for: other names need another plot, other numbers do not. */
  private made = "";

  constructor(private options: ChartOptions) {
    onThemeChange(() => this.remake());
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  /** What x is from now on. */
  label(xLabel: string, isLogarithmicX = false): void {
    const { options } = this;
    if (xLabel === options.xLabel && isLogarithmicX === options.isLogarithmicX) return;
    this.options = { ...options, xLabel, isLogarithmicX };
    this.made = "";
  }

  draw(lines: readonly ChartLine[]): void {
    this.lines = lines;
    const key = JSON.stringify(lines.map(({ name, style }) => [name, style]));
    if (this.plot === undefined || key !== this.made) this.remake();
    else this.plot.setData(this.data());
    this.made = key;
  }

  private remake(): void {
    this.plot?.destroy();
    this.plot = undefined;
    const width = this.root.clientWidth;
    if (width === 0 || this.lines.length === 0) return;
    this.plot = new uPlot(this.looks(width), this.data(), this.root);
  }

  private fit(): void {
    const width = this.root.clientWidth;
    if (width === 0) return;
    if (this.plot === undefined) this.remake();
    else if (this.plot.width !== width) this.plot.setSize({ width, height: this.height });
  }

  private get height(): number {
    return this.options.height ?? 300;
  }

  private looks(width: number): uPlot.Options {
    const { xLabel, yLabel, isLogarithmic = false, isLogarithmicX = false } = this.options;
    const { soft, rule } = colors();
    const font = "12px system-ui, sans-serif";
    const isDecade = (tick: number | null): boolean => tick !== null && Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-6;
    const lines = { stroke: rule, width: 1 };
    const counts = xLabel === "updates" && !isLogarithmicX ? { incrs: whole } : {};
    const decades = { ...lines, filter: (_: uPlot, ticks: number[]) => ticks.map((tick) => (isDecade(tick) ? tick : null)) };
    const axis = { stroke: soft, font, labelFont: font, labelSize: 22, grid: lines, ticks: { show: false }, gap: 6 };
    return {
      width,
      height: this.height,
      padding: [12, 14, 0, 0],
      hooks: { draw: [(plot) => this.drawMarks(plot)] },
      cursor: { y: false, points: { size: 7 } },
      legend: { live: true, markers: { width: 0, fill: (_, at) => (at === 0 ? "transparent" : lineLook(this.lines[at - 1].style).color) } },
      scales: {
        x: { time: false, distr: isLogarithmicX ? 3 : 1 },
        y: isLogarithmic ? { distr: 3 } : { range: (_, low, high) => [Math.min(0, low), high * 1.05 || 1] },
      },
      axes: [
        {
          ...axis,
          ...counts,
          label: xLabel,
          size: 32,
          grid: isLogarithmicX ? decades : lines,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : written(tick))),
        },
        {
          ...axis,
          label: yLabel,
          size: 56,
          grid: isLogarithmic ? decades : lines,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : written(tick))),
        },
      ],
      series: [
        { label: xLabel, value: (_, value) => (value === null ? "–" : written(value)) },
        ...this.lines.map(({ name, style }) => {
          const { color, dash } = lineLook(style);
          const value = (_: uPlot, value: number | null): string => (value === null ? "–" : written(value));
          return { label: name, stroke: color, dash, width: 2, spanGaps: true, points: { show: false }, value };
        }),
      ],
    };
  }

  /** A thin line in the color of the line that was changed, where that was. */
  private drawMarks({ ctx, bbox, valToPos }: uPlot): void {
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const { marks = [], style } of this.lines) {
      ctx.strokeStyle = lineLook(style).color;
      for (const mark of marks) {
        const x = Math.round(valToPos(mark, "x", true)) + 0.5;
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
    }
    ctx.restore();
  }

  private data(): uPlot.AlignedData {
    const isLogarithmicX = this.options.isLogarithmicX === true;
    const xs = [...new Set(this.lines.flatMap(({ x }) => x))].filter((value) => !isLogarithmicX || value > 0).sort((a, b) => a - b);
    const place = new Map(xs.map((x, at) => [x, at]));
    const columns = this.lines.map(({ x, y }) => {
      const column = new Array<number | null>(xs.length).fill(null);
      x.forEach((value, index) => {
        const number = y[index];
        // A logarithmic axis has no place for these.
        const isDrawn = number !== undefined && Number.isFinite(number) && (this.options.isLogarithmic !== true || number > 0);
        const at = place.get(value);
        if (at !== undefined) column[at] = isDrawn ? number : null;
      });
      return column;
    });
    return [xs, ...columns];
  }
}

/** A number in few digits. */
export function written(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}
