/**
 * The first update at which Eq. 5, min(1 - 1/(2 (floor(t / period) + 1)), max), has its maximum: 12,250 for 0.99 and period 250; Infinity
 * for 1.
 */
export function maximumReachedAt({ max, period }: { max: number; period: number }): number {
  if (max >= 1) return Infinity;
  // Rounded up with some tolerance, because 1 - 0.99 is a little more than 0.01.
  return Math.max(0, Math.ceil(1 / (2 * (1 - max)) - 1e-9) - 1) * period;
}
