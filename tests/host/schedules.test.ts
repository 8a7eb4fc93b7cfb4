import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "#internal/errors";
import { schedules } from "#internal/schedules/builders";
import { checkSchedule } from "#internal/schedules/check";
import type { Schedule } from "#internal/schedules/types";
import { needsTotalUpdates, scheduleValue } from "#internal/schedules/value";

const MOMENTUM = { minimum: 0, maximum: 1 };
const RATE = { minimum: 0, maximum: Infinity };

/** The error that `action` throws, as the option it names. */
function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return (error as InvalidOptionError).option;
  }
  return "nothing was thrown";
}

describe("scheduleValue", () => {
  it("follows Eq. 5 to the bit, and reaches the caps where the paper's schedule does", () => {
    const uncapped = schedules.sutskever({ max: 1 });
    for (let t = 0; t < 5_000; t++) expect(scheduleValue(uncapped, t)).toBe(1 - 1 / (2 * (Math.floor(t / 250) + 1)));
    expect([0, 249, 250, 500, 750, 1000].map((t) => scheduleValue(uncapped, t))).toEqual([0.5, 0.5, 0.75, 1 - 1 / 6, 0.875, 0.9]);
    for (const [max, reached] of [
      [0.9, 1_000],
      [0.99, 12_250],
      [0.995, 24_750],
      [0.999, 124_750],
    ]) {
      const capped = schedules.sutskever({ max });
      expect(scheduleValue(capped, reached - 1)).toBeLessThan(max);
      expect(scheduleValue(capped, reached)).toBeCloseTo(max, 15);
      expect(scheduleValue(capped, 749_999)).toBe(max);
    }
    // The form printed in the paper.
    for (const t of [0, 300, 10_000, 99_999])
      expect(scheduleValue(uncapped, t)).toBeCloseTo(1 - 2 ** (-1 - Math.log2(Math.floor(t / 250) + 1)), 14);
  });

  it("evaluates every kind", () => {
    expect(scheduleValue(0.25, 7)).toBe(0.25);
    expect(scheduleValue(schedules.constant({ value: 0.1 }), 99)).toBe(0.1);
    const nesterov = schedules.nesterov1983();
    expect([0, 5, 95].map((t) => scheduleValue(nesterov, t))).toEqual([1 - 3 / 5, 1 - 3 / 10, 1 - 3 / 100]);
    const pieces = schedules.piecewise({ values: [0.9, 0.98, 0.995], at: [1000, 2000] });
    expect([0, 999, 1000, 1999, 2000, 9999].map((t) => scheduleValue(pieces, t))).toEqual([0.9, 0.9, 0.98, 0.98, 0.995, 0.995]);
    const phases = schedules.piecewise({ values: [1, schedules.inverse({ numerator: 500, offset: 4000 }), 1], at: [5000, 9000] });
    expect([4999, 5000, 6000, 8999, 9000].map((t) => scheduleValue(phases, t))).toEqual([1, 0.5, 0.25, 500 / 4999, 1]);
    const inverse = schedules.inverse({ numerator: 500, offset: 4000, max: 1 });
    expect([0, 4000, 4001, 4500, 5000, 9000].map((t) => scheduleValue(inverse, t))).toEqual([1, 1, 1, 1, 0.5, 0.1]);
    expect(scheduleValue(schedules.inverse({ numerator: 250 }), 0)).toBe(1);
    expect(scheduleValue(schedules.inverse({ numerator: 250 }), 500)).toBe(0.5);
  });

  it("ends in the final phase, from either side", () => {
    const fromEnd = schedules.sutskever({ max: 0.99, final: { updates: 1000, value: 0.9 } });
    expect(needsTotalUpdates(fromEnd)).toBe(true);
    expect(scheduleValue(fromEnd, 748_999, 750_000)).toBe(0.99);
    expect(scheduleValue(fromEnd, 749_000, 750_000)).toBe(0.9);
    expect(scheduleValue(fromEnd, 0, 500)).toBe(0.9);
    expect(refused(() => scheduleValue(fromEnd, 0))).toBe("final.updates");
    const fromStart = schedules.constant({ value: 0.5, final: { from: 10, value: 0.25 } });
    expect(needsTotalUpdates(fromStart)).toBe(false);
    expect([9, 10, 11].map((t) => scheduleValue(fromStart, t))).toEqual([0.5, 0.25, 0.25]);
  });

  it("leaves 0 at 0 in the final phase", () => {
    const none = schedules.sutskever({ max: 0, final: { updates: 1000, value: 0.9 } });
    expect(scheduleValue(none, 749_999, 750_000)).toBe(0);
    const pieces = schedules.piecewise({ values: [0.9, 0], at: [5], final: { from: 3, value: 0.5 } });
    expect([2, 3, 5].map((t) => scheduleValue(pieces, t))).toEqual([0.9, 0.5, 0]);
  });
});

describe("checkSchedule", () => {
  it("fills in defaults and gives data that survives JSON and a second check", () => {
    expect(checkSchedule("momentum", { schedule: "sutskever" }, MOMENTUM)).toEqual({ schedule: "sutskever", max: 0.99, period: 250 });
    expect(checkSchedule("learningRate", { schedule: "inverse", numerator: 500 }, RATE)).toEqual({
      schedule: "inverse",
      numerator: 500,
      offset: 0,
      max: 1,
    });
    const all: Schedule[] = [
      0.5,
      schedules.constant({ value: 1 }),
      schedules.sutskever({ final: { updates: 1000, value: 0.9 } }),
      schedules.nesterov1983({ final: { from: 3, value: 0 } }),
      schedules.piecewise({ values: [0.9], at: [] }),
      schedules.piecewise({
        values: [0.5, schedules.sutskever(), schedules.piecewise({ values: [0.9, 0.99], at: [2000] })],
        at: [10, 1000],
        final: { updates: 5, value: 0.9 },
      }),
      schedules.inverse({ numerator: 1, offset: -4, max: 0.5 }),
    ];
    for (const schedule of all) expect(checkSchedule("momentum", JSON.parse(JSON.stringify(schedule)), MOMENTUM)).toEqual(schedule);
  });

  it("names what is wrong", () => {
    const momentum = (schedule: unknown): string => refused(() => checkSchedule("momentum", schedule, MOMENTUM));
    expect(momentum(1.5)).toBe("momentum");
    expect(momentum(NaN)).toBe("momentum");
    expect(momentum("0.9")).toBe("momentum");
    expect(momentum(null)).toBe("momentum");
    expect(momentum([])).toBe("momentum");
    expect(momentum({})).toBe("momentum.schedule");
    expect(momentum({ schedule: "cosine" })).toBe("momentum.schedule");
    expect(momentum({ schedule: "constant" })).toBe("momentum.value");
    expect(momentum({ schedule: "constant", value: -0.1 })).toBe("momentum.value");
    expect(momentum({ schedule: "sutskever", max: 1.1 })).toBe("momentum.max");
    expect(momentum({ schedule: "sutskever", mx: 0.9 })).toBe("momentum.mx");
    expect(momentum({ schedule: "sutskever", period: 0 })).toBe("momentum.period");
    expect(momentum({ schedule: "sutskever", period: 2.5 })).toBe("momentum.period");
    expect(momentum({ schedule: "nesterov1983", max: 0.9 })).toBe("momentum.max");
    expect(momentum({ schedule: "piecewise", values: [0.9, 0.95], at: [] })).toBe("momentum.at");
    expect(momentum({ schedule: "piecewise", values: [], at: [] })).toBe("momentum.values");
    expect(momentum({ schedule: "piecewise", values: [0.9, 2], at: [5] })).toBe("momentum.values[1]");
    expect(momentum({ schedule: "piecewise", values: [0.9, 0.9, 0.9], at: [5, 5] })).toBe("momentum.at[1]");
    expect(momentum({ schedule: "piecewise", values: [0.9, { schedule: "sutskever", max: 2 }], at: [5] })).toBe("momentum.values[1].max");
    expect(
      momentum({ schedule: "piecewise", values: [0.9, { schedule: "constant", value: 1, final: { updates: 1, value: 0 } }], at: [5] }),
    ).toBe("momentum.values[1].final");
    expect(momentum({ schedule: "piecewise", values: [0.9, ["all"]], at: [5] })).toBe("momentum.values[1]");
    expect(momentum({ schedule: "inverse", numerator: 0 })).toBe("momentum.numerator");
    expect(momentum({ schedule: "inverse", numerator: 1, max: 2 })).toBe("momentum.max");
    expect(momentum({ schedule: "inverse", numerator: 1, offset: 0.5 })).toBe("momentum.offset");
    expect(momentum({ schedule: "constant", value: 0.5, final: 0.9 })).toBe("momentum.final");
    expect(momentum({ schedule: "constant", value: 0.5, final: { value: 0.9 } })).toBe("momentum.final");
    expect(momentum({ schedule: "constant", value: 0.5, final: { updates: 1, from: 1, value: 0.9 } })).toBe("momentum.final");
    expect(momentum({ schedule: "constant", value: 0.5, final: { updates: -1, value: 0.9 } })).toBe("momentum.final.updates");
    expect(momentum({ schedule: "constant", value: 0.5, final: { updates: 1, value: 9 } })).toBe("momentum.final.value");
    expect(momentum({ schedule: "constant", value: 0.5, final: { updates: 1, vale: 0.9 } })).toBe("momentum.final.vale");
  });

  it("refuses kinds whose values leave the range", () => {
    expect(refused(() => checkSchedule("decay", { schedule: "nesterov1983" }, { minimum: 0.5, maximum: 1 }))).toBe("decay.schedule");
    expect(refused(() => checkSchedule("rate", { schedule: "inverse", numerator: 1 }, { minimum: 0.1, maximum: 1 }))).toBe("rate.schedule");
    expect(refused(() => checkSchedule("decay", { schedule: "sutskever" }, { minimum: 0.6, maximum: 1 }))).toBe("decay.schedule");
  });

  it("checks in the builders too, under their own names", () => {
    expect(refused(() => schedules.sutskever({ max: 2 }))).toBe("schedules.sutskever.max");
    expect(refused(() => schedules.sutskever({ maximum: 0.9 } as object))).toBe("schedules.sutskever.maximum");
    expect(refused(() => schedules.constant({ value: NaN }))).toBe("schedules.constant.value");
    expect(refused(() => schedules.constant(0.5 as unknown as { value: number }))).toBe("schedules.constant");
    expect(schedules.constant({ value: -3 })).toEqual({ schedule: "constant", value: -3 });
  });
});
