import type { Batch } from "./batch.js";

/** Masks of batches that the library chose out of larger ones: a batch that was put together anew around one is still such a part. */
const parts = new WeakSet<Float32Array>();

/**
 * Says that a batch is a part of a larger one, which was checked as a whole: a mask that leaves nothing of it is no mistake of the user's
 * then, and the part adds nothing to any sum. Returns the batch.
 */
export function asPart(batch: Batch): Batch {
  if (batch.mask !== undefined) parts.add(batch.mask);
  return batch;
}

export function isPart(batch: Batch): boolean {
  return batch.mask !== undefined && parts.has(batch.mask);
}

/**
 * Cases [first, first + count) of a batch whose shapes have been checked: views of a feed-forward batch, copies out of a time-major one.
 */
export function caseRange(batch: Batch, first: number, count: number): Batch {
  const { cases, steps } = batch;
  if (count === cases) return batch;
  const take = (values: Float32Array): Float32Array => {
    const width = values.length / ((steps ?? 1) * cases);
    const row = (t: number): Float32Array => values.subarray((t * cases + first) * width, (t * cases + first + count) * width);
    if (steps === undefined) return row(0);
    const out = new Float32Array(steps * count * width);
    for (let t = 0; t < steps; t++) out.set(row(t), t * count * width);
    return out;
  };
  return asPart({
    inputs: take(batch.inputs),
    targets: batch.targets && take(batch.targets),
    mask: batch.mask && take(batch.mask),
    cases: count,
    steps,
  });
}

/**
 * The `count` cases of a batch whose turn it is at update t, going round; those left over at the end are never taken. `count` is at most
 * the batch's cases.
 */
export function casesInTurn(batch: Batch, count: number, update: number): Batch {
  return caseRange(batch, firstInTurn(batch.cases, count, update), count);
}

/** The first of them. */
export function firstInTurn(cases: number, count: number, update: number): number {
  return (update % Math.floor(cases / count)) * count;
}
