import { describe, expect, it } from "vitest";
import { wideLines } from "#internal/cli/kernelLines";

const hasWide = Number.parseInt(process.versions.node, 10) >= 24 && process.arch === "x64";
const relaxed = { kernels: "relaxed", wide: false, kernelsReason: "relaxed in place of wide: for a test" } as const;

describe("what is said of wide kernels", () => {
  it("is in one line that they can be had, where they can, and what they gain", () => {
    const lines = wideLines({ ...relaxed, kernelsReason: "this engine has relaxed SIMD" }, undefined);
    expect(lines).toEqual(hasWide ? [expect.stringMatching(/^ {2}--kernels wide is available here: .* about 1\.6 times as fast /)] : []);
    expect(lines.every((line) => line.length < 160)).toBe(true);
  });

  it("is why they that were asked for are not in use", () => {
    expect(wideLines(relaxed, "wide")).toEqual(["  relaxed in place of wide: for a test"]);
  });

  it("is nothing where they are in use, or would compute other numbers", () => {
    expect(wideLines({ ...relaxed, wide: true }, "wide")).toEqual([]);
    expect(wideLines({ ...relaxed, wide: true }, undefined)).toEqual([]);
    expect(wideLines({ ...relaxed, kernels: "simd" }, undefined)).toEqual([]);
  });
});
