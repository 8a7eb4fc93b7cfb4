/** What a WebAssembly binary declares, read by hand from its sections (WebAssembly core specification, chapter 5). */
export interface Sections {
  /** Ids of the sections present: 1 type, 2 import, 5 memory, 6 global, 7 export, 8 start, 10 code, 11 data, 12 data count. */
  readonly ids: readonly number[];
  readonly imports: readonly { readonly name: string; readonly kind: number; readonly flags: number }[];
  /** Per global, whether it is mutable. */
  readonly mutableGlobals: readonly boolean[];
  readonly exports: readonly { readonly name: string; readonly kind: number }[];
  readonly code: Uint8Array;
}

export const START = 8;
export const DATA = 11;
export const DATA_COUNT = 12;
export const OWN_MEMORY = 5;

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    if (this.done) throw new Error(`the binary ends at byte ${this.at}`);
    return this.bytes[this.at++];
  }

  /** LEB128; the sign does not matter where it is used. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Uint8Array {
    const part = this.bytes.subarray(this.at, (this.at += length));
    if (part.length !== length) throw new Error(`the binary ends within ${length} bytes`);
    return part;
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.varint()));
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.varint() }, item);
  }
}

export function readSections(binary: Uint8Array): Sections {
  const reader = new Reader(binary);
  const header = [...reader.take(8)];
  if (header.join() !== "0,97,115,109,1,0,0,0")
    throw new Error(`not a WebAssembly binary of version 1: it starts with ${header.join(" ")}`);
  const bodies = new Map<number, Uint8Array>();
  while (!reader.done) {
    const id = reader.byte();
    bodies.set(id, reader.take(reader.varint()));
  }
  const section = <T>(id: number, item: (body: Reader) => T): T[] => {
    const bytes = bodies.get(id);
    if (bytes === undefined) return [];
    const body = new Reader(bytes);
    return body.list(() => item(body));
  };
  return {
    ids: [...bodies.keys()],
    imports: section(2, readImport),
    mutableGlobals: section(6, readGlobal),
    exports: section(7, (body) => {
      const entry = { name: body.name(), kind: body.byte() };
      body.varint();
      return entry;
    }),
    code: bodies.get(10) ?? new Uint8Array(),
  };
}

function readImport(body: Reader): Sections["imports"][number] {
  const name = `${body.name()}.${body.name()}`;
  const kind = body.byte();
  if (kind === 0) {
    body.varint();
    return { name, kind, flags: 0 };
  }
  if (kind === 1) body.byte();
  const flags = body.byte();
  if (kind === 3) return { name, kind, flags: body.byte() };
  body.varint();
  if (flags & 1) body.varint();
  return { name, kind, flags };
}

/** A global's type, then its initial value: one constant instruction and `end`. */
function readGlobal(body: Reader): boolean {
  body.byte();
  const mutable = body.byte() === 1;
  const constant = body.byte();
  if (constant === 0x43) body.take(4);
  else if (constant === 0x44) body.take(8);
  else if (constant === 0xfd) body.take(17);
  else body.varint();
  if (body.byte() !== 0x0b) throw new Error("a global's initial value is not a single constant");
  return mutable;
}

/** The bodies of a code section's functions, as views of it. */
export function functionBodies(code: Uint8Array): Uint8Array[] {
  const reader = new Reader(code);
  return reader.list(() => reader.take(reader.varint()));
}
