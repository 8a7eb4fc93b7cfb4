import { writeMathConstants } from "../math/constants";
import { exp1, exp4, expNegAbs4, expNonPositive4 } from "../math/exp";
import { flush } from "../math/flush";
import { log1, log1p1, log4 } from "../math/log";
import { logistic1, logistic4 } from "../math/logistic";
import { madd } from "../math/madd";
import { sumOrdered } from "../math/sum";
import { tanh1, tanh4 } from "../math/tanh";

/** Bit patterns of f32 numbers: between two of the same sign, the integers between are the numbers between. */
const ONE: u32 = 0x3f800000;
const INFINITE: u32 = 0x7f800000;
const NEGATIVE: u32 = 0x80000000;
/** A prime, so that samples fall on all mantissas. */
const STEP: u32 = 100003;

const TWO_128: f64 = 3.402823669209385e38;

/** |got - exact| in units in the last place of an f32 as large as `exact`; everything from 2^128 on counts as infinity. */
function ulps(got: f32, exact: f64): f64 {
  const bounded = max(min(exact, TWO_128), -TWO_128);
  const exponent = <i64>((reinterpret<u64>(bounded) >> 52) & 2047) - 1023;
  const unit = reinterpret<f64>((min(max(exponent, -126), 127) - 23 + 1023) << 52);
  return abs(max(min(<f64>got, TWO_128), -TWO_128) - bounded) / unit;
}

/** The largest error of f over sampled bit patterns; infinite if f gives NaN. */
function worst(f: (x: f32) => f32, exact: (x: f64) => f64, first: u32, last: u32): f64 {
  let largest: f64 = 0;
  for (let bits: u64 = first; bits <= last; bits += STEP) {
    const x = reinterpret<f32>(<u32>bits);
    const error = ulps(f(x), exact(<f64>x));
    if (!(error <= largest)) largest = isNaN(error) ? Infinity : error;
  }
  return largest;
}

function bits(x: f32): u32 {
  return reinterpret<u32>(x);
}

function exactExp(x: f64): f64 {
  return NativeMath.exp(x);
}
function exactLog(x: f64): f64 {
  return NativeMath.log(x);
}
function exactLog1p(x: f64): f64 {
  return NativeMath.log1p(x);
}
function exactTanh(x: f64): f64 {
  return NativeMath.tanh(x);
}
function exactLogistic(x: f64): f64 {
  return x >= 0 ? 1 / (1 + NativeMath.exp(-x)) : NativeMath.exp(x) / (1 + NativeMath.exp(x));
}
function softplusOf(x: f32): f32 {
  return log1p1(f32x4.extract_lane(expNegAbs4(f32x4.splat(x)), 0));
}
function nonPositive(x: f32): f32 {
  return f32x4.extract_lane(expNonPositive4(f32x4.splat(x)), 0);
}
function flushed(x: f32): f32 {
  return f32x4.extract_lane(flush(f32x4.splat(x)), 0);
}

beforeAll(() => {
  writeMathConstants();
});

describe("exp", () => {
  it("is within 2 ulp of e^x over all finite numbers", () => {
    expect(worst(exp1, exactExp, 0, INFINITE)).toBeLessThan(2);
    expect(worst(exp1, exactExp, NEGATIVE, NEGATIVE | INFINITE)).toBeLessThan(2);
  });

  it("has the same bits in the form for x <= 0", () => {
    let same = nonPositive(0) == 1;
    for (let at: u32 = 0; at <= INFINITE; at += STEP) {
      const x = reinterpret<f32>(at | NEGATIVE);
      same = same && bits(nonPositive(x)) == bits(exp1(x));
    }
    expect(same).toBe(true);
  });

  it("is exact at its edges", () => {
    expect(exp1(0)).toBe(1);
    expect(exp1(-0.0)).toBe(1);
    expect(bits(exp1(f32.NEGATIVE_INFINITY))).toBe(0);
    expect(bits(exp1(-104))).toBe(0);
    expect(bits(exp1(-103))).toBe(1, "denormal");
    expect(bits(exp1(88.72283172607422))).toBeLessThan(INFINITE);
    expect(bits(exp1(88.72283935546875))).toBe(INFINITE);
    expect(bits(exp1(f32.POSITIVE_INFINITY))).toBe(INFINITE);
    expect(exp1(NaN)).toBeNaN();
    expect(nonPositive(NaN)).toBeNaN();
  });
});

describe("log", () => {
  it("is within 1 ulp of log x over all positive numbers, denormals included", () => {
    expect(worst(log1, exactLog, 1, INFINITE - 1)).toBeLessThan(1);
    expect(worst(log1, exactLog, ONE - 5000000, ONE + 5000000)).toBeLessThan(1);
  });

  it("is exact at its edges", () => {
    expect(bits(log1(1))).toBe(0);
    expect(bits(log1(0))).toBe(NEGATIVE | INFINITE);
    expect(bits(log1(-0.0))).toBe(NEGATIVE | INFINITE);
    expect(bits(log1(f32.POSITIVE_INFINITY))).toBe(INFINITE);
    expect(log1(-1)).toBeNaN();
    expect(log1(-1e-40)).toBeNaN("negative denormal");
    expect(log1(f32.NEGATIVE_INFINITY)).toBeNaN();
    expect(log1(NaN)).toBeNaN();
  });
});

describe("log1p", () => {
  it("is within 2 ulp of log(1 + x) from 0 to 1", () => {
    expect(worst(log1p1, exactLog1p, 0, ONE)).toBeLessThan(2);
  });

  it("keeps 0, gives log 2 at 1 and NaN for NaN", () => {
    expect(bits(log1p1(0))).toBe(0);
    expect(log1p1(1)).toBeCloseTo(0.6931472);
    expect(log1p1(NaN)).toBeNaN();
    expect(bits(softplusOf(f32.NEGATIVE_INFINITY))).toBe(0);
  });
});

describe("logistic", () => {
  it("is within 3 ulp of 1 / (1 + e^-x) over all finite numbers", () => {
    expect(worst(logistic1, exactLogistic, 0, INFINITE)).toBeLessThan(3);
    expect(worst(logistic1, exactLogistic, NEGATIVE, NEGATIVE | INFINITE)).toBeLessThan(3);
  });

  it("is exact at its edges and goes down through the denormals", () => {
    expect(logistic1(0)).toBe(0.5);
    expect(logistic1(-0.0)).toBe(0.5);
    expect(logistic1(f32.POSITIVE_INFINITY)).toBe(1);
    expect(bits(logistic1(f32.NEGATIVE_INFINITY))).toBe(0);
    expect(bits(logistic1(-1e30))).toBe(0);
    expect(bits(logistic1(-100))).toBe(27, "e^-100 is 26.55 of the smallest denormal");
    expect(logistic1(NaN)).toBeNaN();
  });
});

describe("tanh", () => {
  it("is within 2 ulp of tanh x over all finite numbers", () => {
    expect(worst(tanh1, exactTanh, 0, INFINITE)).toBeLessThan(2);
    expect(worst(tanh1, exactTanh, NEGATIVE, NEGATIVE | INFINITE)).toBeLessThan(2);
  });

  it("is odd to the bit", () => {
    let odd = true;
    for (let at: u32 = 0; at <= INFINITE; at += STEP) {
      odd = odd && bits(tanh1(reinterpret<f32>(at))) == (bits(tanh1(reinterpret<f32>(at | NEGATIVE))) ^ NEGATIVE);
    }
    expect(odd).toBe(true);
  });

  it("is exact at its edges", () => {
    expect(bits(tanh1(0))).toBe(0);
    expect(bits(tanh1(-0.0))).toBe(NEGATIVE);
    expect(bits(tanh1(reinterpret<f32>(1)))).toBe(1, "the smallest denormal");
    expect(tanh1(-1e-20)).toBe(-1e-20);
    expect(tanh1(10)).toBe(1);
    expect(tanh1(f32.POSITIVE_INFINITY)).toBe(1);
    expect(tanh1(f32.NEGATIVE_INFINITY)).toBe(-1);
    expect(tanh1(NaN)).toBeNaN();
  });
});

describe("four lanes", () => {
  it("do not disturb each other and have the bits of the scalar form", () => {
    const x = f32x4(-3.5, 100, NaN, 0.25);
    expect(bits(f32x4.extract_lane(exp4(x), 0))).toBe(bits(exp1(-3.5)));
    expect(bits(f32x4.extract_lane(exp4(x), 3))).toBe(bits(exp1(0.25)));
    expect(bits(f32x4.extract_lane(log4(x), 1))).toBe(bits(log1(100)));
    expect(bits(f32x4.extract_lane(logistic4(x), 3))).toBe(bits(logistic1(0.25)));
    expect(bits(f32x4.extract_lane(tanh4(x), 0))).toBe(bits(tanh1(-3.5)));
    expect(f32x4.extract_lane(tanh4(x), 2)).toBeNaN();
  });
});

describe("flush", () => {
  it("writes 0 below 2^-63 and passes the rest", () => {
    const smallestKept = reinterpret<f32>((127 - 63) << 23);
    expect(flushed(smallestKept)).toBe(smallestKept);
    expect(flushed(-smallestKept)).toBe(-smallestKept);
    expect(bits(flushed(reinterpret<f32>(bits(smallestKept) - 1)))).toBe(0);
    expect(bits(flushed(-1e-40))).toBe(0);
    expect(flushed(f32.NEGATIVE_INFINITY)).toBe(f32.NEGATIVE_INFINITY);
    expect(flushed(NaN)).toBeNaN();
    expect(smallestKept * smallestKept).toBe(reinterpret<f32>(0x00800000), "the smallest normal number");
  });
});

describe("madd", () => {
  it("is a * b + c", () => {
    expect(f32x4.extract_lane(madd(f32x4.splat(3), f32x4.splat(-5), f32x4.splat(2)), 2)).toBe(-13);
  });
});

describe("sumOrdered", () => {
  it("adds from first to last", () => {
    const values = heap.alloc(32);
    store<f64>(values, 1e16);
    store<f64>(values, 1, 8);
    store<f64>(values, -1e16, 16);
    store<f64>(values, 3, 24);
    expect(sumOrdered(values, 4)).toBe(3, "1 is lost in 1e16");
    expect(sumOrdered(values, 1)).toBe(1e16);
    expect(sumOrdered(values, 0)).toBe(0);
    heap.free(values);
  });
});
