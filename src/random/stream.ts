import { InvalidOptionError } from "../errors.js";
import { naturalLog } from "../math/logarithm.js";
import { checkInteger, checkObject } from "../validate.js";
import { philoxBlock } from "./philox.js";

/** Everything a stream needs to go on, as plain data. */
export interface RandomState {
  /** The Philox key, two unsigned 32-bit words. */
  readonly key: readonly [number, number];
  readonly substream: number;
  /** How many 32-bit words have been drawn. */
  readonly position: number;
  /** The second normal of the last pair, when only one has been handed out. */
  readonly spare: number | null;
}

const TWO_32 = 4294967296;
// Words made at a time: few, because many streams (one per image, say) are read for a few words only.
const BUFFERED = 16;

function unitInterval(first: number, second: number): number {
  return ((first >>> 5) * 67108864 + (second >>> 6)) / 9007199254740992;
}

/**
 * A named stream of random numbers, Philox4x32-10 underneath.
 *
 * The key is a hash of (seed, name), so each name gives its own stream from one root seed and a new name disturbs no other. The block
 * counter is (position / 4 in words 0 and 1, substream in words 2 and 3): `new RandomStream(seed, "data", i)` starts the i-th of 2^53
 * independent substreams at no cost, which is how image i or epoch e is drawn without drawing those before it.
 *
 * All results are made with + - * / sqrt only and are the same bits on every engine.
 *
 * @param seed any whole number from 0 to 2^53 - 1; others throw `InvalidOptionError`
 * @param name for example "initialization", "data", "minibatches"
 * @param substream whole number from 0 to 2^53 - 1, by default 0
 */
export class RandomStream {
  private key0 = 0;
  private key1 = 0;
  private sub = 0;
  private spare: number | null = null;
  /** Index of the block after those in the buffer. */
  private block = 0;
  private next = BUFFERED;
  private readonly words = new Uint32Array(BUFFERED);

  constructor(seed: number, name: string, substream = 0) {
    checkInteger("seed", seed, 0);
    if (typeof name !== "string") throw new InvalidOptionError("name", name, "a string that names the stream");
    this.hashKey(seed, name);
    this.seek(substream);
  }

  /** Goes to the start of a substream. */
  seek(substream: number): void {
    this.sub = checkInteger("substream", substream, 0);
    this.block = 0;
    this.next = BUFFERED;
    this.spare = null;
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.next === BUFFERED) this.refill();
    return this.words[this.next++];
  }

  /** Uniform on [0, 1): a multiple of 2^-53, from the upper 27 and 26 bits of two words. */
  uniform(): number {
    if (this.next > BUFFERED - 2) return unitInterval(this.uint32(), this.uint32());
    const at = this.next;
    this.next = at + 2;
    return unitInterval(this.words[at], this.words[at + 1]);
  }

  /** A whole number from 0 to n - 1, each equally likely; n from 1 to 2^32. */
  integer(n: number): number {
    if (!(n >= 1 && n <= TWO_32 && Math.floor(n) === n)) throw new InvalidOptionError("n", n, `a whole number from 1 to ${TWO_32}`);
    // Words from the last, incomplete run of n would favor small results: draw again.
    const limit = TWO_32 - (TWO_32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /**
   * N(0, 1), by Marsaglia's polar method: (u, v) uniform in the unit disc, s = u^2 + v^2, results u f and v f with f = sqrt(-2 ln s / s).
   */
  normal(): number {
    if (this.spare !== null) {
      const kept = this.spare;
      this.spare = null;
      return kept;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const f = Math.sqrt((-2 * naturalLog(s)) / s);
    this.spare = v * f;
    return u * f;
  }

  getState(): RandomState {
    const position = this.block * 4 - (BUFFERED - this.next);
    // A buffer not yet filled counts as used up: next is BUFFERED, and position is where the next refill begins.
    return { key: [this.key0, this.key1], substream: this.sub, position, spare: this.spare };
  }

  /** Continues exactly where `getState` was called, whatever seed and name this stream was made with. */
  setState(state: RandomState): void {
    const { key, substream, position, spare } = checkObject("state", state) as unknown as RandomState;
    if (!Array.isArray(key) || key.length !== 2) throw new InvalidOptionError("state.key", key, "two words");
    const key0 = checkInteger("state.key[0]", key[0], 0, TWO_32 - 1);
    const key1 = checkInteger("state.key[1]", key[1], 0, TWO_32 - 1);
    checkInteger("state.substream", substream, 0);
    checkInteger("state.position", position, 0);
    if (spare !== null && !Number.isFinite(spare)) throw new InvalidOptionError("state.spare", spare, "null or a finite number");
    this.key0 = key0;
    this.key1 = key1;
    this.seek(substream);
    this.spare = spare;
    const start = position - (position % BUFFERED);
    this.block = start / 4;
    if (position > start) {
      this.refill();
      this.next = position - start;
    }
  }

  private refill(): void {
    const { words, key0, key1 } = this;
    const sub0 = this.sub % TWO_32;
    const sub1 = (this.sub - sub0) / TWO_32;
    for (let i = 0; i < BUFFERED; i += 4) {
      const low = this.block % TWO_32;
      philoxBlock(low, (this.block - low) / TWO_32, sub0, sub1, key0, key1, words, i);
      this.block++;
    }
    this.next = 0;
  }

  /**
   * Key = hash(seed, name): beginning with the seed as key, the name's UTF-16 units are fed, eight at a time, as Philox counters, each
   * block's first two words being added (exclusive or) to the key; a last block carries the length.
   */
  private hashKey(seed: number, name: string): void {
    const out = new Uint32Array(4);
    let k0 = (seed % TWO_32) >>> 0;
    let k1 = Math.floor(seed / TWO_32) >>> 0;
    const absorb = (c0: number, c1: number, c2: number, c3: number): void => {
      philoxBlock(c0, c1, c2, c3, k0, k1, out, 0);
      k0 = (k0 ^ out[0]) >>> 0;
      k1 = (k1 ^ out[1]) >>> 0;
    };
    const pair = (at: number): number =>
      (at < name.length ? name.charCodeAt(at) : 0) | ((at + 1 < name.length ? name.charCodeAt(at + 1) : 0) << 16);
    for (let at = 0; at < name.length; at += 8) absorb(pair(at), pair(at + 2), pair(at + 4), pair(at + 6));
    absorb(name.length, 0, 0, 0);
    this.key0 = k0;
    this.key1 = k1;
  }
}
