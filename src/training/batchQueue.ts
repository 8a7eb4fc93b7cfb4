import { isRecord } from "../boundary/realm.js";
import type { Batch } from "../networks/batch.js";
import type { TrainingData } from "./trainingOptions.js";

/** Whether training data are batches that come one after another, and no data set. An array of batches is one such. */
export function isIterable(data: unknown): data is Iterable<Batch> | AsyncIterable<Batch> {
  if (Array.isArray(data)) return true;
  return isRecord(data) && [Symbol.iterator, Symbol.asyncIterator].some((symbol) => typeof data[symbol as never] === "function");
}

/** Batches that come one after another, at once or after a while. */
export class BatchQueue {
  private readonly iterator: Iterator<Batch> | AsyncIterator<Batch>;
  private isEnded = false;

  constructor(batches: Exclude<TrainingData, Batch>) {
    const { [Symbol.asyncIterator]: later, [Symbol.iterator]: atOnce } = batches as Iterable<Batch> & AsyncIterable<Batch>;
    this.iterator = typeof later === "function" ? later.call(batches) : atOnce.call(batches);
  }

  /** The next batch; undefined where there are no more, or none came before the signal did. */
  async next(signal: AbortSignal | undefined): Promise<Batch | undefined> {
    const coming = this.iterator.next();
    const next = isPromise(coming) ? await unlessAborted(coming, signal) : coming;
    if (next === undefined) return undefined;
    if (next.done) this.isEnded = true;
    return next.done ? undefined : next.value;
  }

  /** Says that no more will be asked for. Does not wait for an answer, which may come after a batch that is long in coming. */
  close(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    const closed: unknown = this.iterator.return?.();
    if (isPromise(closed)) closed.then(undefined, () => {});
  }
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}

/** What a promise brings; undefined where the signal comes first. */
async function unlessAborted<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
