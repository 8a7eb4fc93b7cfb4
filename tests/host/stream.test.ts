import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "#internal/errors";
import { naturalLog } from "#internal/math/logarithm";
import { chooseToFront, shuffle } from "#internal/random/shuffle";
import { RandomStream } from "#internal/random/stream";

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const words = (stream: RandomStream, count: number): number[] => draw(count, () => stream.uint32());

describe("naturalLog", () => {
  it("is within 1e-15, relative, of the logarithm", () => {
    const stream = new RandomStream(3, "logarithm test");
    let worst = 0;
    for (let i = 0; i < 300_000; i++) {
      // Every exponent, and the neighborhood of 1, where relative accuracy is hardest.
      const x = i % 2 === 0 ? (1 + stream.uniform()) * 2 ** (stream.integer(2045) - 1022) : 0.5 + stream.uniform();
      const expected = Math.log(x);
      if (expected !== 0) worst = Math.max(worst, Math.abs(naturalLog(x) - expected) / Math.abs(expected));
    }
    // The engine's own logarithm may be off by one unit in the last place, 2.3e-16.
    expect(worst).toBeLessThan(7.5e-16);
  });

  it("is right at the ends", () => {
    expect(naturalLog(1)).toBe(0);
    expect(naturalLog(0)).toBe(-Infinity);
    expect(naturalLog(Infinity)).toBe(Infinity);
    expect(naturalLog(-1)).toBeNaN();
    expect(naturalLog(NaN)).toBeNaN();
    expect(naturalLog(Number.MIN_VALUE)).toBeCloseTo(-744.4400719213812, 10);
    expect(naturalLog(Number.MAX_VALUE)).toBeCloseTo(709.782712893384, 10);
    expect(naturalLog(1 - 2 ** -53) / -(2 ** -53)).toBeCloseTo(1, 14);
  });
});

describe("RandomStream", () => {
  it("has pinned values", () => {
    expect(words(new RandomStream(1, "initialization"), 4)).toEqual([3839651002, 1042252406, 1016726986, 1775709818]);
    expect(words(new RandomStream(Number.MAX_SAFE_INTEGER, "data", 123_456_789_012), 2)).toEqual([1791226377, 2839734630]);
    const stream = new RandomStream(1, "data");
    expect([stream.uniform(), stream.normal(), stream.normal(), stream.integer(1000)]).toEqual([
      0.6163941130809527, 0.973291449981101, 0.713784616973714, 754,
    ]);
  });

  it("differs by seed, name and substream, and repeats with them", () => {
    const first = words(new RandomStream(1, "data"), 8);
    expect(words(new RandomStream(1, "data"), 8)).toEqual(first);
    const others = [
      new RandomStream(2, "data"),
      new RandomStream(1 + 2 ** 32, "data"),
      new RandomStream(1, "data/test"),
      new RandomStream(1, "Data"),
      new RandomStream(1, ""),
      new RandomStream(1, "\0"),
      new RandomStream(1, "data", 1),
      new RandomStream(1, "data", 2 ** 32),
    ].map((stream) => words(stream, 8));
    for (let i = 0; i < others.length; i++) {
      expect(others[i]).not.toEqual(first);
      for (let j = 0; j < i; j++) expect(others[i]).not.toEqual(others[j]);
    }
  });

  it("takes the words of a substream in order, whatever draws them", () => {
    const plain = words(new RandomStream(7, "order"), 64);
    const mixed = new RandomStream(7, "order");
    for (let at = 0; at < 60; ) {
      expect(mixed.uint32()).toBe(plain[at]);
      at += 1;
      expect(mixed.uniform()).toBe(((plain[at] >>> 5) * 2 ** 26 + (plain[at + 1] >>> 6)) / 2 ** 53);
      at += 2;
    }
  });

  it("goes on from a saved state at every position", () => {
    for (let used = 0; used < 40; used++) {
      const stream = new RandomStream(5, "state", 9);
      words(stream, used);
      if (used % 3 === 0) stream.normal();
      const state = JSON.parse(JSON.stringify(stream.getState()));
      const expected = [stream.normal(), ...words(stream, 40)];
      const other = new RandomStream(0, "another");
      other.setState(state);
      expect(other.getState()).toEqual(state);
      expect([other.normal(), ...words(other, 40)]).toEqual(expected);
    }
  });

  it("counts past 2^32 blocks", () => {
    const stream = new RandomStream(5, "far");
    const state = { ...stream.getState(), position: 2 ** 34 - 2 };
    stream.setState(state);
    const across = words(stream, 6);
    stream.setState({ ...state, position: 2 ** 34 });
    expect(words(stream, 4)).toEqual(across.slice(2));
    expect(across.slice(2)).not.toEqual(words(new RandomStream(5, "far"), 4));
  });

  it("has the moments of the uniform and the normal distribution", () => {
    const stream = new RandomStream(11, "moments");
    const count = 400_000;
    const moments = (next: () => number): number[] => {
      const sums = [0, 0, 0, 0];
      for (let i = 0; i < count; i++) {
        const x = next();
        for (let p = 0, power = x; p < 4; p++, power *= x) sums[p] += power / count;
      }
      return sums;
    };
    // Five standard deviations of each sample moment.
    const uniform = moments(() => stream.uniform());
    [1 / 2, 1 / 3, 1 / 4, 1 / 5].forEach((moment, p) =>
      expect(Math.abs(uniform[p] - moment)).toBeLessThan(5 * Math.sqrt(1 / (2 * p + 3) / count)),
    );
    const normal = moments(() => stream.normal());
    [0, 1, 0, 3].forEach((moment, p) => expect(Math.abs(normal[p] - moment)).toBeLessThan(5 * Math.sqrt([1, 2, 15, 96][p] / count)));
  });

  it("draws whole numbers evenly and within bounds", () => {
    const stream = new RandomStream(13, "whole numbers");
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(30);
    expect(stream.integer(1)).toBe(0);
    // With n = 3 x 2^30 a quarter of all words must be refused, or small numbers would come twice as often.
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (stream.integer(3 * 2 ** 30) < 2 ** 30) low++;
    expect(Math.abs(low - 10_000)).toBeLessThan(450);
    expect(stream.integer(2 ** 32)).toBeGreaterThanOrEqual(0);
  });

  it("refuses impossible seeds, names, sizes and states", () => {
    for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53, "1", undefined])
      expect(() => new RandomStream(seed as number, "x")).toThrow(InvalidOptionError);
    expect(() => new RandomStream(1, 2 as unknown as string)).toThrow(InvalidOptionError);
    expect(() => new RandomStream(1, "x", -1)).toThrow(InvalidOptionError);
    const stream = new RandomStream(1, "x");
    for (const n of [0, -1, 1.5, NaN, 2 ** 32 + 1]) expect(() => stream.integer(n)).toThrow(InvalidOptionError);
    const state = stream.getState();
    expect(() => stream.setState({ ...state, key: [1] as unknown as [number, number] })).toThrow(InvalidOptionError);
    expect(() => stream.setState({ ...state, position: -1 })).toThrow(InvalidOptionError);
    expect(() => stream.setState({ ...state, spare: NaN })).toThrow(InvalidOptionError);
    expect(stream.getState()).toEqual(state);
  });
});

describe("shuffle", () => {
  it("makes every order equally likely", () => {
    const stream = new RandomStream(17, "shuffle");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const items = Uint32Array.of(0, 1, 2, 3);
      shuffle(items, stream);
      counts.set(items.join(), (counts.get(items.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(60);
  });

  it("chooses without replacement", () => {
    const stream = new RandomStream(19, "choose");
    const counts = new Float64Array(10);
    const pool = Uint32Array.from({ length: 10 }, (_, i) => i);
    for (let i = 0; i < 10_000; i++) {
      chooseToFront(pool, 3, stream);
      expect(new Set(pool).size).toBe(10);
      for (let k = 0; k < 3; k++) counts[pool[k]]++;
    }
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(250);
  });
});
