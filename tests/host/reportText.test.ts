import { describe, expect, it } from "vitest";
import { formatCount, formatCountOf, formatDuration, formatError, formatRate } from "#internal/report/text/format";
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
