import { allocate } from "../boundary/allocate.js";
import { bytesOf, doubleField, floatField, integerField, message, messageField, textField, type Wire } from "./protobuf.js";

/** Numbers by name at a moment of a run. */
export interface Scalars {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * A file of TensorBoard's events (tensorflow/core/util/event.proto, framework/summary.proto) with a scalar for every number, each in a
 * record of TensorFlow's format:
 *
 *     8 bytes   the length of the event, little-endian          4 bytes   masked CRC-32C of these
 *     the event                                                 4 bytes   masked CRC-32C of it
 */
export function writeEvents(moments: readonly Scalars[]): Uint8Array<ArrayBuffer> {
  const first = message(doubleField(1, moments[0]?.time ?? 0), textField(3, "brain.Event:2"));
  const records = [first, ...moments.map(eventOf)].map(recordOf);
  const bytes = allocate(
    Uint8Array,
    records.reduce((sum, { length }) => sum + length, 0),
    "a file of events",
  );
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

function eventOf({ time, step, values }: Scalars): Wire {
  const summary = Object.entries(values).map(([tag, value]) => messageField(1, textField(1, tag), floatField(2, value)));
  return message(doubleField(1, time), integerField(2, step), messageField(5, ...summary));
}

function recordOf(event: Wire): Uint8Array {
  const record = new Uint8Array(16 + event.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(bytesOf(event, "an event"), 12);
  view.setUint32(12 + event.length, masked(crc32c(record.subarray(12, 12 + event.length))), true);
  return record;
}

/** TensorFlow's mask: a checksum of bytes that hold checksums would otherwise be weak. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
