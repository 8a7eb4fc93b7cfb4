/**
 * Sums of products of f64 vectors whose squares f64 may not hold: 1e-200 squared is 0 to it, and 1e200 squared infinite. Wherever a plain
 * sum is sound it is what is used, to the bit; else the vectors are scaled by powers of 2, which changes no digit.
 */

/** mantissa 2^exponent. Not finite where the vectors are not. */
export interface Scaled {
  readonly mantissa: number;
  readonly exponent: number;
}

/** Within these bounds neither an overflow nor products that vanished below 2^-1074 can have touched the digits of a sum. */
const SOUND_SMALLEST = 2 ** -900;
const SOUND_LARGEST = 2 ** 1000;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export function scaledDot(a: Float64Array, b: Float64Array): Scaled {
  const sum = dot(a, b);
  const size = Math.abs(sum);
  if (size >= SOUND_SMALLEST && size <= SOUND_LARGEST) return { mantissa: sum, exponent: 0 };
  const exponentA = exponentOf(largest(a));
  const exponentB = exponentOf(largest(b));
  let mantissa = 0;
  for (let i = 0; i < a.length; i++) mantissa += timesPower(a[i], -exponentA) * timesPower(b[i], -exponentB);
  return { mantissa, exponent: exponentA + exponentB };
}

/** a / b. */
export function ratio(a: Scaled, b: Scaled): number {
  return timesPower(a.mantissa / b.mantissa, a.exponent - b.exponent);
}

/** The nearest f64, which may be 0 or infinite. */
export function valueOf({ mantissa, exponent }: Scaled): number {
  return timesPower(mantissa, exponent);
}

/** |v|: 0 only for v = 0, infinite only where f64 cannot hold it. */
export function norm(v: Float64Array): number {
  const { mantissa, exponent } = scaledDot(v, v);
  // The exponent is twice one of v's, hence even.
  return timesPower(Math.sqrt(mantissa), exponent / 2);
}

/** Largest modulus; NaN where an entry is. */
export function largest(v: Float64Array): number {
  let most = 0;
  for (let i = 0; i < v.length; i++) {
    const size = Math.abs(v[i]);
    if (!(size <= most)) {
      if (Number.isNaN(size)) return NaN;
      most = size;
    }
  }
  return most;
}

/** The e of 2^e <= x < 2^(e+1); 0 for 0 and for what is not finite. By comparisons, since logarithms have other bits on other engines. */
export function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  let exponent = 0;
  let rest = x;
  for (; rest >= 2; rest /= 2) exponent++;
  for (; rest < 1; rest *= 2) exponent--;
  return exponent;
}

/** x 2^exponent, also where f64 does not hold the power itself. */
export function timesPower(x: number, exponent: number): number {
  if (exponent === 0) return x;
  let result = x;
  let rest = exponent;
  for (; rest > 1000; rest -= 1000) result *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) result *= 2 ** -1000;
  return result * 2 ** rest;
}
