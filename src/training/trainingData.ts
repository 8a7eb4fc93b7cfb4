import { InvalidOptionError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import { asPart } from "../networks/caseRange.js";
import { shuffle } from "../random/shuffle.js";
import { RandomStream } from "../random/stream.js";
import { gatherCases } from "../tasks/gatherCases.js";
import { epochOrder } from "../tasks/minibatches.js";

/** Which cases of a data set are trained on, and which are held out. */
export interface Split {
  readonly trained: Uint32Array;
  readonly held: Uint32Array;
}

/**
 * Holds out round(share cases) of the cases, at least one and not all, chosen by a shuffle drawn from the stream "heldOut" of `seed`. Both
 * parts keep the order of the data. Throws InvalidOptionError.
 */
export function splitCases(cases: number, share: number, seed: number): Split {
  if (cases < 2) throw new InvalidOptionError("held", share, "a data set: of one case no share can be held out");
  const order = Uint32Array.from({ length: cases }, (_, i) => i);
  shuffle(order, new RandomStream(seed, "heldOut"));
  const count = Math.min(cases - 1, Math.max(1, Math.round(share * cases)));
  return { held: order.slice(0, count).sort(), trained: order.slice(count).sort() };
}

/** The cases of a data set that are named, as a data set of their own. */
export function casesOf(data: Batch, cases: Uint32Array): Batch {
  return asPart(gatherCases(data, cases));
}

/**
 * The batches of the updates `from`, `from` + 1, ...: those of `minibatches` on the data set of the cases that are trained on (all, where
 * undefined), to the bit, without a copy of that data set. A batch of all these cases is not shuffled: it is the same every time.
 */
export function* shuffledBatches(
  data: Batch,
  trained: Uint32Array | undefined,
  size: number,
  seed: number,
  from: number,
): Generator<Batch> {
  const cases = trained?.length ?? data.cases;
  if (size === cases) {
    const all = trained === undefined ? data : casesOf(data, trained);
    for (;;) yield all;
  }
  const perEpoch = Math.floor(cases / size);
  for (let epoch = Math.floor(from / perEpoch), batch = from % perEpoch; ; epoch++, batch = 0) {
    const order = epochOrder(cases, seed, epoch);
    if (trained !== undefined) for (let i = 0; i < order.length; i++) order[i] = trained[order[i]];
    for (; batch < perEpoch; batch++) yield casesOf(data, order.subarray(batch * size, (batch + 1) * size));
  }
}
