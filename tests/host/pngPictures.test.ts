import { describe, expect, it } from "vitest";
import { pictureUrl } from "#internal/report/plot/images";
import { divergingPalette } from "#internal/report/plot/palette";
import { adler32, crc32, encodePng } from "#internal/report/plot/png";

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
