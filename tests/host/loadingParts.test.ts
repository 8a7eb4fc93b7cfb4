import { describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { scriptOf } from "#internal/runtime/dataAddress";
import { inflate } from "#internal/runtime/inflate";

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("inflate", () => {
  const stream = new RandomStream(1, "bytes");
  const kinds: Record<string, (i: number) => number> = {
    noise: () => stream.integer(256),
    "few letters": () => 97 + stream.integer(4),
    zeros: () => 0,
    "a pattern": (i) => (i * i) % 251,
  };
  it.each(Object.keys(kinds).flatMap((kind) => [0, 1, 2, 300, 70_000].map((length) => [kind, length] as const)))(
    "gives back what the engine deflated: %s, %i bytes",
    async (kind, length) => {
      const bytes = Uint8Array.from({ length }, (_, i) => kinds[kind](i));
      expect(inflate(await deflated(bytes), length)).toEqual(bytes);
    },
  );

  it("reads blocks that are stored, and blocks of the fixed codes", () => {
    expect([...inflate(Uint8Array.of(1, 3, 0, 0xfc, 0xff, 7, 8, 9), 3)]).toEqual([7, 8, 9]);
    // "aaaaaaaaaa" by the fixed codes: a literal and a repetition.
    expect([...inflate(Uint8Array.of(0x4b, 0x84, 0x03, 0x00), 10)]).toEqual(new Array(10).fill(97));
  });
});

describe("the address of a helper", () => {
  it("is a script where it is a data: URL", () => {
    expect(scriptOf("data:text/javascript,alert(%22%C3%A9%22)")).toBe('alert("\u00e9")');
    expect(scriptOf("data:text/javascript;charset=utf-8;base64,YWxlcnQoIsOpIik=")).toBe('alert("\u00e9")');
    expect(scriptOf("DATA:,x")).toBe("x");
  });

  it("is none elsewhere", () => {
    for (const address of ["https://example.org/worker.js", "./worker.js", "blob:null/1", "data:text/javascript"]) {
      expect(scriptOf(address)).toBeUndefined();
    }
  });
});
