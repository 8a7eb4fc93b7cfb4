import { describe, expect, it } from "vitest";
import { heatMap, heatMapRow, heatMapSection } from "#internal/report/hiddenStates";
import { htmlPage } from "#internal/report/page";

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

  it("become a section with a scale that says what the colours are", () => {
    const rows = [heatMapRow("At the start", [heatMap(states, 0), heatMap(states, 1)]), heatMapRow("After", [heatMap(states, 0)], ["a caption"])];
    expect([...rows[0].values.subarray(6)]).toEqual([...heatMap(states, 1)]);
    const html = htmlPage({ title: "t", lead: "l", footer: "f", sections: [heatMapSection({ title: "States", caption: "Time runs downwards.", width: 2, height: 3, rows })] });
    expect(html.match(/<img /g)).toHaveLength(4);
    expect(html.match(/width="2" height="3"/g)).toHaveLength(3);
    for (const text of ["a caption", "Time runs downwards.", "left:0.0%\">\u22121<", "left:25.0%\">\u22120.25<", "left:60.0%\">0.04<", "left:100.0%\">1<"]) expect(html).toContain(text);
  });
});
