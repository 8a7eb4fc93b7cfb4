import { MATH_CONSTANTS_END } from "../abi/memory.js";
import { OutOfMemoryError, UnsupportedError } from "../errors.js";
import type { WasmMemory } from "./wasmTypes.js";

const PAGE = 65_536;
const ALIGNMENT = 64;
/** The most a 32-bit WebAssembly memory can hold. */
export const MAXIMUM_PAGES = 65_536;
/** What every memory begins with, and the smallest maximum worth having. */
const INITIAL_PAGES = 16;
const LEAST_MAXIMUM_PAGES = 1024;

/**
 * The module's memory: typed views that stay valid across growth, and an allocator that gives out zeroed, 64-byte aligned ranges.
 *
 * Views must be read through the accessors at every use: growing a memory detaches old views, or leaves them short when it is shared.
 */
export class KernelMemory {
  memory: WasmMemory;
  readonly shared: boolean;
  private readonly maximumPages: number;
  /** Free ranges in address order, never adjacent. */
  private free: { start: number; size: number }[] = [];
  /** Everything from here on has never been given out, so it is still zero. */
  private top: number;
  private buffer: ArrayBufferLike | undefined;
  private views!: { i32: Int32Array; f32: Float32Array; f64: Float64Array };

  constructor(shared: boolean) {
    this.shared = shared;
    const { memory, maximum } = createMemory(shared);
    this.memory = memory;
    this.maximumPages = maximum;
    this.top = MATH_CONSTANTS_END;
  }

  get i32(): Int32Array {
    return this.current().i32;
  }
  get f32(): Float32Array {
    return this.current().f32;
  }
  get f64(): Float64Array {
    return this.current().f64;
  }

  private current(): { i32: Int32Array; f32: Float32Array; f64: Float64Array } {
    const buffer = this.memory.buffer;
    if (buffer !== this.buffer) {
      this.buffer = buffer;
      this.views = { i32: new Int32Array(buffer), f32: new Float32Array(buffer), f64: new Float64Array(buffer) };
    }
    return this.views;
  }

  /** Address of `bytes` zeroed bytes for `what`; throws OutOfMemoryError before anything changes. */
  allocate(bytes: number, what: string): number {
    const size = Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;
    const hole = this.free.findIndex((range) => range.size >= size);
    if (hole >= 0) {
      const range = this.free[hole];
      const start = range.start;
      if (range.size === size) this.free.splice(hole, 1);
      else this.free[hole] = { start: start + size, size: range.size - size };
      this.i32.fill(0, start / 4, (start + size) / 4);
      return start;
    }
    // A free range that ends at the top counts: what was freed must not be lost to something larger.
    const last = this.free.at(-1);
    const start = last && last.start + last.size === this.top ? last.start : this.top;
    const end = start + size;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE), what, bytes);
    if (start < this.top) this.free.pop();
    this.i32.fill(0, start / 4, this.top / 4);
    this.top = end;
    return start;
  }

  /**
   * Makes room for `bytes` that will be allocated in parts, so that it is there for all of them or for none: memory that has grown never
   * shrinks, and growing it for the first parts of something that cannot be had would take it for good. Throws OutOfMemoryError with the
   * memory as it was.
   */
  ensure(bytes: number, what: string): void {
    // Each part begins at a multiple of ALIGNMENT.
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (this.free.some((range) => range.size >= size)) return;
    const last = this.free.at(-1);
    const start = last && last.start + last.size === this.top ? last.start : this.top;
    const missing = start + size - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE), what, bytes);
  }

  release(start: number, bytes: number): void {
    const size = Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;
    const at = this.free.findIndex((range) => range.start > start);
    this.free.splice(at < 0 ? this.free.length : at, 0, { start, size });
    this.free = this.free.reduce<{ start: number; size: number }[]>((merged, range) => {
      const last = merged.at(-1);
      if (last && last.start + last.size === range.start) last.size += range.size;
      else merged.push({ ...range });
      return merged;
    }, []);
  }

  /** Lets go of the memory itself: whoever still holds a runtime or a network that was disposed of must not keep it. */
  close(): void {
    this.memory = this.buffer = this.views = undefined as never;
    this.free = [];
  }

  private grow(pages: number, what: string, bytes: number): void {
    const present = this.memory.buffer.byteLength / PAGE;
    try {
      if (present + pages > this.maximumPages) throw new RangeError("beyond the maximum");
      this.memory.grow(pages);
    } catch {
      const end = present + pages > this.maximumPages ? this.maximumPages : present;
      throw new OutOfMemoryError(what, bytes, Math.max(0, end * PAGE - this.top));
    }
  }
}

/** A memory that may grow to 4 GiB, or to what this engine is ready to reserve. */
function createMemory(shared: boolean): { memory: WasmMemory; maximum: number } {
  for (let maximum = MAXIMUM_PAGES; maximum >= LEAST_MAXIMUM_PAGES; maximum /= 2) {
    try {
      return { memory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared }), maximum };
    } catch (error) {
      if (!(error instanceof RangeError))
        throw new UnsupportedError(
          `this engine gives no WebAssembly memory${shared ? " that threads could share" : ""}: ${String(error)}; use threads: 1`,
        );
    }
  }
  throw new OutOfMemoryError(
    "a WebAssembly memory",
    INITIAL_PAGES * PAGE,
    undefined,
    "dispose of runtimes no longer used; where the address space is limited (ulimit -v), raise the limit, since engines reserve some " +
      "10 GB of addresses, not of memory, " +
      "for each WebAssembly memory, or start Node with --disable-wasm-trap-handler (Node 20.15, 22.2 or later), which reserves less",
  );
}

/** Ranges that are freed together: one network's, one optimizer's. */
export class Arena {
  private readonly memory: KernelMemory;
  private ranges: { start: number; bytes: number }[] = [];

  constructor(memory: KernelMemory) {
    this.memory = memory;
  }

  allocate(bytes: number, what: string): number {
    const start = this.memory.allocate(bytes, what);
    this.ranges.push({ start, bytes });
    return start;
  }

  release(): void {
    for (const { start, bytes } of this.ranges) this.memory.release(start, bytes);
    this.ranges = [];
  }
}
