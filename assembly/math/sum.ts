/**
 * values[0] + values[1] + ... of `count` f64 numbers at `pointer`, added strictly from first to last; 0 if there are none.
 *
 * Partial sums of fixed blocks go through here, so that a total has the same bits whichever threads made the parts.
 */
export function sumOrdered(pointer: usize, count: i32): f64 {
  let sum: f64 = 0.0;
  const end = pointer + (<usize>count << 3);
  for (; pointer < end; pointer += 8) sum += f64.load(pointer);
  return sum;
}
