import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { heatMap, heatMapRow, heatMapSection } from "#internal/report/plot/hiddenStates";

/** Two sequences of three steps, the second ending after two, of two units. */
const states = {
  values: Float32Array.of(/* step 0 */ 1, -1, 0.25, 0, /* step 1 */ 0, -0.25, 0.01, -0.01, /* step 2 */ 0.5, 0, 0.9, 0.9),
  steps: 3,
  cases: 2,
  hidden: 2,
  lengths: [3, 2],
};

describe("heat maps of hidden states", () => {
  it("have a row for each step and a column for each unit, by the signed square root, and nothing after the end", () => {
    const rounded = (map: Float32Array) => [...map].map((place) => Math.round(place * 1000) / 1000);
    expect(rounded(heatMap(states, 0))).toEqual([1, 0, 0.5, 0.25, 0.854, 0.5]);
    expect(rounded(heatMap(states, 1))).toEqual([0.75, 0.5, 0.55, 0.45, 0.5, 0.5]);
  });

  /** One unit; the state at step t is t / steps, but 0.9 after the end. */
  const ramp = (steps: number, length = steps) => ({
    values: Float32Array.from({ length: steps }, (_, t) => (t < length ? t / steps : 0.9)),
    steps,
    cases: 1,
    hidden: 1,
    lengths: [length],
  });
  const stateAt = (place: number) => (2 * (place - 0.5)) ** 2;

  it("have at most 1,000 rows, each the mean of as many steps", () => {
    expect([1, 999, 1000, 1001, 2000, 2001, 5000, 100_000].map((steps) => heatMap(ramp(steps), 0).length)).toEqual([
      1, 999, 1000, 501, 1000, 667, 1000, 1000,
    ]);
    const map = heatMap(ramp(5000), 0);
    for (const row of [0, 1, 500, 999]) expect(stateAt(map[row])).toBeCloseTo((5 * row + 2) / 5000, 5);
    // The last row has but two of its three steps.
    expect(stateAt(heatMap(ramp(2999), 0)[999])).toBeCloseTo(2997.5 / 2999, 5);
  });

  it("average no step after the end of the sequence", () => {
    const map = heatMap(ramp(5000, 4001), 0);
    expect(stateAt(map[799])).toBeCloseTo(3997 / 5000, 5);
    expect(stateAt(map[800])).toBeCloseTo(4000 / 5000, 5);
    expect([...map.subarray(801)]).toEqual(Array(199).fill(0.5));
  });

  it("average units and sequences each for itself", () => {
    const [steps, cases, hidden] = [1500, 2, 2];
    const values = Float32Array.from({ length: steps * cases * hidden }, (_, at) => [0.01, 0.04, 0.09, 0.16][at % 4]);
    const shown = { values, steps, cases, hidden, lengths: [steps, steps] };
    expect(heatMap(shown, 0)).toHaveLength(750 * hidden);
    for (const [sequence, expected] of [
      [0, [0.55, 0.6]],
      [1, [0.65, 0.7]],
    ] as const) {
      heatMap(shown, sequence).forEach((place, at) => expect(place).toBeCloseTo(expected[at % 2], 5));
    }
  });

  it("say in the caption how many steps a row has, where it is not one", () => {
    const section = (height: number) =>
      heatMapSection({
        title: "States",
        caption: "Time runs downward.",
        width: 1,
        height,
        rows: [heatMapRow("At the start", [heatMap(ramp(height), 0)])],
      });
    const html = htmlPage({ title: "t", lead: "l", footer: "f", sections: [section(5000)] });
    expect(html).toContain("Time runs downward. The 5,000 steps are drawn 5 steps a row, averaged.");
    expect(html.match(/width="1" height="1000"/g)).toHaveLength(1);
    expect(htmlPage({ title: "t", lead: "l", footer: "f", sections: [section(1000)] })).toContain("Time runs downward.</p>");
  });

  it("become a section with a scale that says what the colors are", () => {
    const rows = [
      heatMapRow("At the start", [heatMap(states, 0), heatMap(states, 1)]),
      heatMapRow("After", [heatMap(states, 0)], ["a caption"]),
    ];
    expect([...rows[0].values.subarray(6)]).toEqual([...heatMap(states, 1)]);
    const html = htmlPage({
      title: "t",
      lead: "l",
      footer: "f",
      sections: [heatMapSection({ title: "States", caption: "Time runs downward.", width: 2, height: 3, rows })],
    });
    expect(html.match(/<img /g)).toHaveLength(4);
    expect(html.match(/width="2" height="3"/g)).toHaveLength(3);
    for (const text of [
      "a caption",
      "Time runs downward.",
      'left:0.0%">\u22121<',
      'left:25.0%">\u22120.25<',
      'left:60.0%">0.04<',
      'left:100.0%">1<',
    ])
      expect(html).toContain(text);
  });
});
