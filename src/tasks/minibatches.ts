import { InvalidOptionError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import { asPart } from "../networks/caseRange.js";
import { shuffle } from "../random/shuffle.js";
import { RandomStream } from "../random/stream.js";
import { checkInteger, checkKnownOptions, checkObject } from "../validate.js";
import { checkCases, gatherCases } from "./gatherCases.js";

/** Options of `minibatches`. */
export interface MinibatchOptions {
  /** Cases in each batch. */
  readonly size: number;
  /** Update index at which the batches end; endless without it. */
  readonly updates?: number;
  /** 1 unless given. */
  readonly seed?: number;
  /** Update index of the first batch, 0 unless given: how a stopped run goes on. */
  readonly from?: number;
}

/**
 * Minibatches of a data set, in an order that is reshuffled each epoch, without replacement.
 *
 * An epoch holds b = floor(cases / size) batches; the cases left over differ from epoch to epoch. The order of epoch e is drawn from
 * substream e of the stream "minibatches" of `seed` alone, and update t takes batch t mod b of epoch floor(t / b), so `from: t` yields
 * exactly what a run from 0 yields from update t on. Each batch owns its arrays. Recurrent data (with `steps`) stays time-major.
 *
 * Throws, when called and not at the first batch, `InvalidOptionError` and `ShapeError`.
 */
export function minibatches(data: Batch, options: MinibatchOptions): Generator<Batch, void, undefined> {
  checkKnownOptions("minibatches", checkObject("minibatches", options), ["size", "updates", "seed", "from"]);
  checkCases(data);
  const { updates, seed = 1, from = 0 } = options;
  const size = checkInteger("size", options.size, 1);
  if (size > data.cases) throw new InvalidOptionError("size", size, `at most the number of cases in the data, ${data.cases}`);
  if (updates !== undefined) checkInteger("updates", updates, 0);
  checkInteger("seed", seed, 0);
  checkInteger("from", from, 0);
  return generate(data, size, seed, from, updates ?? Infinity);
}

function* generate(data: Batch, size: number, seed: number, from: number, until: number): Generator<Batch, void, undefined> {
  const perEpoch = Math.floor(data.cases / size);
  let order = new Uint32Array(0);
  let epoch = -1;
  for (let update = from; update < until; update++) {
    const present = Math.floor(update / perEpoch);
    if (present !== epoch) {
      epoch = present;
      order = epochOrder(data.cases, seed, epoch);
    }
    const start = (update % perEpoch) * size;
    // Whatever the mask of the data leaves of these cases.
    yield asPart(gatherCases(data, order.subarray(start, start + size)));
  }
}

/** The order of the cases in one epoch, computed from nothing but its index. */
export function epochOrder(cases: number, seed: number, epoch: number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: cases }, (_, i) => i);
  shuffle(order, new RandomStream(seed, "minibatches", epoch));
  return order;
}
