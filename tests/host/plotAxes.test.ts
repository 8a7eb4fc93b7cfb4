import { describe, expect, it } from "vitest";
import { linearAxis, logAxis, logAxisWithZero } from "#internal/report/plot/axis";
import { labelHeight, labelWidth, logTicks, type Tick } from "#internal/report/plot/ticks";

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
