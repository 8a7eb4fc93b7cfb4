/**
 * Natural logarithm of a double from + - * / and the bits of its argument, so that it is the same number on every engine (`Math.log` is
 * not).
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)); with s = (m - 1) / (m + 1), |s| < 0.1716,
 *
 *     ln x = k ln 2 + 2 (s + s^3/3 + s^5/5 + ...),
 *
 * where the series is cut after s^23, the next term being below 1e-19. The relative error is below 1e-15 everywhere.
 */

const LN2 = 0.6931471805599453;
// ln 2 in two parts: the first has 32 bits, so that k times it is exact, the second the rest.
const LN2_HIGH = Math.floor(LN2 * 4294967296) / 4294967296;
const LN2_LOW = LN2 - LN2_HIGH + 2.3190468138462996e-17;
const SQRT2 = Math.sqrt(2);
const SMALLEST_NORMAL = 2.2250738585072014e-308;

const bits = new DataView(new ArrayBuffer(8));

/** ln(x): NaN for x < 0 or NaN, -Infinity at 0, Infinity at Infinity. */
export function naturalLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  let k = -1023;
  if (x < SMALLEST_NORMAL) {
    x *= 18014398509481984; // 2^54
    k -= 54;
  }
  bits.setFloat64(0, x);
  const top = bits.getUint32(0);
  k += top >>> 20;
  bits.setUint32(0, (top & 0x000fffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m >= SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let series = 1 / 23;
  series = series * q + 1 / 21;
  series = series * q + 1 / 19;
  series = series * q + 1 / 17;
  series = series * q + 1 / 15;
  series = series * q + 1 / 13;
  series = series * q + 1 / 11;
  series = series * q + 1 / 9;
  series = series * q + 1 / 7;
  series = series * q + 1 / 5;
  series = series * q + 1 / 3;
  // Leading term last, so that its rounding is the only one that counts.
  const twice = 2 * s;
  return k * LN2_HIGH + (twice + (twice * q * series + k * LN2_LOW));
}
