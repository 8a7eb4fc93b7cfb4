import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { wideBytes } from "#internal/runtime/chooseWide";
import { embeddedBytes } from "#internal/runtime/embeddedKernels";
import { DATA, DATA_COUNT, OWN_MEMORY, readSections, START } from "./sections.js";

/** f32x4.relaxed_madd: prefix 0xfd, opcode 0x105 as LEB128. */
const RELAXED_MADD = Buffer.from([0xfd, 0x85, 0x02]);

describe.each(["simd", "relaxed", "wide"] as const)("the binary %s.wasm", (variant) => {
  const bytes = readFileSync(fileURLToPath(new URL(`../../build/${variant}.wasm`, import.meta.url)));
  const sections = readSections(bytes);

  // Many instances share one memory: whatever runs, counts or is written at instantiation would do so once per thread.
  test("has no start function", () => {
    expect(sections.ids).not.toContain(START);
  });

  test("has no mutable globals", () => {
    expect(sections.mutableGlobals).not.toContain(true);
  });

  test("has no data", () => {
    expect(sections.ids).not.toContain(DATA);
    expect(sections.ids).not.toContain(DATA_COUNT);
  });

  test("imports its memory, shared and with a maximum, and nothing else", () => {
    expect(sections.imports).toEqual([{ name: "env.memory", kind: 2, flags: 3 }]);
    expect(sections.ids).not.toContain(OWN_MEMORY);
  });

  test("exports functions, and at most the memory it was given", () => {
    const others = sections.exports.filter(({ kind }) => kind !== 0);
    expect(others.filter(({ name }) => name !== "memory")).toEqual([]);
    expect(sections.exports.length).toBeGreaterThan(others.length);
  });

  test("uses fused multiply-adds only where its name says so", () => {
    expect(Buffer.from(sections.code).includes(RELAXED_MADD)).toBe(variant !== "simd");
  });

  test("is under 40 kB gzipped", () => {
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThan(40_000);
  });

  test("is what the library carries inlined", () => {
    const embedded = variant === "wide" ? wideBytes() : embeddedBytes(variant);
    expect(Buffer.from(embedded).equals(bytes)).toBe(true);
  });

  test.runIf(variant !== "wide")("is what the package carries as a file", () => {
    expect(readFileSync(fileURLToPath(new URL(`../../dist/wasm/${variant}.wasm`, import.meta.url))).equals(bytes)).toBe(true);
  });
});

describe("the section reader", () => {
  /** Header, then sections as [id, ...body]. */
  const binary = (...sections: number[][]) =>
    Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, ...sections.flatMap(([id, ...body]) => [id, body.length, ...body])]);

  test("sees what the tests above look for", () => {
    const sections = readSections(
      binary(
        [2, 1, 3, 101, 110, 118, 1, 103, 3, 0x7f, 1],
        [6, 2, 0x7f, 1, 0x41, 0, 0x0b, 0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b],
        [8, 0],
        [11, 0],
      ),
    );
    expect(sections.imports).toEqual([{ name: "env.g", kind: 3, flags: 1 }]);
    expect(sections.mutableGlobals).toEqual([true, false]);
    expect(sections.ids).toEqual([2, 6, START, DATA]);
  });

  test("refuses what is no binary, and one cut short", () => {
    expect(() => readSections(new Uint8Array(8))).toThrow("not a WebAssembly binary");
    expect(() => readSections(binary([6, 2, 0x7f]).slice(0, -1))).toThrow("the binary ends");
  });
});
