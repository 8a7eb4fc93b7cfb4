/**
 * x^exponent for x >= 0 and 0 <= exponent <= 1, by the binary digits of the exponent, x^(1/2), x^(1/4), ...: square roots only, which have
 * the same bits on every engine.
 */
export function fractionalPower(x: number, exponent: number): number {
  let result = exponent >= 1 ? x : 1;
  let root = x;
  for (let rest = exponent % 1; rest > 0; ) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest >= 1) {
      result *= root;
      rest -= 1;
    }
  }
  return result;
}
