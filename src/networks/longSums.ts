import { BLOCK_CASES } from "../abi/sums.js";
import type { Arena } from "../runtime/memory.js";

/**
 * Terms that are added plainly in f32, block after block or part after part: so many equal ones drift by 8e-6 of their sum at the worst.
 */
export const LONGEST_PLAIN_SUM = 512;

/** Whether a sum over so many rows is long. */
export function isLongSum(rows: number): boolean {
  return rows > LONGEST_PLAIN_SUM * BLOCK_CASES;
}

/** Where the sums over very many rows keep what each addition rounds away (assembly/dense/longSum.ts); made when a sum first needs it. */
export class LongSums {
  private block = 0;

  constructor(
    private readonly arena: Arena,
    private readonly bytes: number,
  ) {}

  /** Address of the block for a sum over so many rows; 0 where it is short enough to be added plainly. */
  blockFor(rows: number): number {
    if (!isLongSum(rows)) return 0;
    this.block ||= this.arena.allocate(this.bytes, "sums over very many cases");
    return this.block;
  }
}
