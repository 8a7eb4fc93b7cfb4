import { runTrial, tensorBoardEvents } from "heavyball";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";

/** What of TensorFlow's event.proto and summary.proto is used here, for a reader that is not ours. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Value { string tag = 1; float simple_value = 2; }
  message Summary { repeated Value value = 1; }
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
`);
const Event = root.lookupType("Event");

/** CRC-32C by long division, a bit at a time. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  const value = ~crc >>> 0;
  return (((value >>> 15) | (value << 17)) + 0xa282ead8) >>> 0;
}

interface Read {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
}

function readEvents(file: Uint8Array): Read[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const events: Read[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(checksum(file.subarray(at, at + 8)));
    const event = file.subarray(at + 12, at + 12 + length);
    expect(event.length).toBe(length);
    expect(view.getUint32(at + 12 + length, true)).toBe(checksum(event));
    events.push(Event.toObject(Event.decode(event), { longs: Number }) as Read);
    at += 16 + length;
  }
  return events;
}

describe("files of TensorBoard's events", () => {
  it("have every number of a run's reports at its update", async () => {
    // The published check value of CRC-32C is e3069283, which the mask makes c78ba1ca.
    const unmasked = 0xe3069283;
    expect(checksum(new TextEncoder().encode("123456789"))).toBe((((unmasked >>> 15) | (unmasked << 17)) + 0xa282ead8) >>> 0);
    const spec = {
      task: { name: "curves", cases: 40, testCases: 10 },
      optimizer: { method: "nesterov", learningRate: 0.01, momentum: 0.9 },
    };
    const { reports } = await runTrial({ ...spec, batchSize: 20, updates: 200 }, { runtime: { threads: 1 } });
    const [first, ...events] = readEvents(tensorBoardEvents(reports, { begun: 1_700_000_000 }));
    expect(first).toMatchObject({ fileVersion: "brain.Event:2" });
    expect(events).toHaveLength(reports.length);
    for (const [at, { step, wallTime, summary }] of events.entries()) {
      const { update, updates: _, seconds, ...numbers } = reports[at];
      expect(step ?? 0).toBe(update);
      expect(wallTime).toBe(1_700_000_000 + seconds);
      const found = Object.fromEntries(summary!.value.map(({ tag, simpleValue }) => [tag, simpleValue ?? 0]));
      expect(found).toEqual(Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Math.fround(value as number)])));
      expect(found.trainingError).toBeGreaterThan(0);
    }
  });

  it("leave out what is no number, and may be empty", () => {
    const hessianFree = { update: 300, updates: 600, seconds: 2, casesProcessed: 9, rho: null, conjugateGradientEnd: "progress" };
    const [, event] = readEvents(tensorBoardEvents([hessianFree as never]));
    expect(event).toMatchObject({ step: 300, summary: { value: [{ tag: "casesProcessed", simpleValue: 9 }] } });
    expect(readEvents(tensorBoardEvents([]))).toHaveLength(1);
  });

  it.each<[string, unknown, object, RegExp]>([
    ["no list", { update: 1 }, {}, /reports is .*a list of reports/],
    ["no report", [3], {}, /reports\[0\] is 3/],
    ["no update", [{ update: -1, seconds: 0 }], {}, /reports\[0\].update is -1/],
    ["no time", [{ update: 1, seconds: Number.NaN }], {}, /reports\[0\].seconds is NaN/],
    ["a wrong beginning", [], { begun: "now" }, /begun is "now"/],
    ["another option", [], { begin: 1 }, /did you mean begun\?/],
  ])("refuse by name: %s", (_name, reports, options, message) => {
    expect(() => tensorBoardEvents(reports as never, options)).toThrow(message);
  });
});
