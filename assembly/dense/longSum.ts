import { flush } from "../math/flush";

/**
 * Sums of very many terms in f32 (Kahan 1965, with Knuth's exact difference): `rest` keeps what each addition rounds away and gives it to
 * the next,
 *
 *   y = term + rest,   sum' = fl(sum + y),   rest' = (sum + y) - sum',
 *
 * so that the error of a sum is that of its terms, whatever their number. Added plainly, equal terms drift by half a unit in the last place
 * each. Whether a sum is long is the host's to say (src/networks/longSums.ts), by its number of terms alone: short sums are added plainly,
 * which costs less.
 */

/** Adds `bytes` (a multiple of 16) of terms at `c` to the sums at `sum`; without `continues` they are the first. `c` receives the sums. */
export function addToLongSum(sum: usize, rest: usize, c: usize, bytes: usize, continues: bool): void {
  if (!continues) {
    memory.copy(sum, c, bytes);
    memory.fill(rest, 0, bytes);
    return;
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    const before = v128.load(sum + i);
    const y = f32x4.add(v128.load(c + i), v128.load(rest + i));
    const after = f32x4.add(before, y);
    const added = f32x4.sub(after, before);
    v128.store(rest + i, flush(f32x4.add(f32x4.sub(before, f32x4.sub(after, added)), f32x4.sub(y, added))));
    v128.store(sum + i, after);
    v128.store(c + i, after);
  }
}
