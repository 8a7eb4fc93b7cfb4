import { isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkSignal } from "../validate.js";
import type { TrainingReport } from "./trainingResult.js";

/** What `train` takes its batches from: a data set, or batches as they come. */
export type TrainingData = Batch | Iterable<Batch> | AsyncIterable<Batch>;

/** Options of `train`. */
export interface TrainingOptions {
  /** Updates to make. Either these or `epochs`. */
  readonly updates?: number;
  /** Times to go through a data set, an epoch being floor(cases / batchSize) updates. */
  readonly epochs?: number;
  /**
   * Cases of a batch of a data set. Default 100 or, if there are fewer, all; for hessianFree, whose updates are worth many cases, all. A
   * batch of all cases is the data set in its own order.
   */
  readonly batchSize?: number;
  /** Of the order in which a data set is gone through, and of the choice of cases to hold out. Default 1. */
  readonly seed?: number;
  /** Data that are not trained on: a data set, or the share of the cases of `data` to hold out, above 0 and below 1. */
  readonly held?: Batch | number;
  /** Updates from one report to the next. Default: an epoch where `epochs` is given, else a twentieth of `updates`. */
  readonly every?: number;
  /** Reports in a row whose held-out error is not the lowest so far, after which the training ends. Default: it does not. */
  readonly patience?: number;
  /** Ends the training with what it has. */
  readonly signal?: AbortSignal;
  /** Called with every report; waited for where it returns a promise. */
  readonly onReport?: (report: TrainingReport) => unknown;
}

const KNOWN = ["updates", "epochs", "batchSize", "seed", "held", "every", "patience", "signal", "onReport"] as const;

/** Throws InvalidOptionError for options that cannot be, whatever the data; `isDataSet`: whether these are a data set. */
export function checkTrainingOptions(options: TrainingOptions, isDataSet: boolean): TrainingOptions {
  checkKnownOptions("train", checkObject("train", options), KNOWN);
  const { updates, epochs, batchSize, seed, held, every, patience, onReport } = options;
  checkSignal("signal", options.signal);
  if (updates !== undefined && epochs !== undefined)
    throw new InvalidOptionError("epochs", epochs, "left out where updates are given: say either how long to train");
  if (updates !== undefined) checkInteger("updates", updates, 1);
  else if (!isDataSet)
    throw new InvalidOptionError("updates", updates, "a whole number of at least 1: batches as they come have no epochs");
  else if (epochs === undefined) throw new InvalidOptionError("updates", updates, "a whole number of at least 1, or left out for epochs");
  else checkInteger("epochs", epochs, 1);
  if (batchSize !== undefined) checkInteger("batchSize", batchSize, 1);
  if (seed !== undefined) checkInteger("seed", seed, 0);
  if (!isDataSet) {
    for (const [name, value] of Object.entries({ batchSize, seed }))
      if (value !== undefined) throw new InvalidOptionError(name, value, "left out: the batches are taken as they come");
  }
  if (every !== undefined) checkInteger("every", every, 1);
  checkHeld(held, isDataSet);
  if (patience !== undefined) {
    checkInteger("patience", patience, 1);
    if (held === undefined)
      throw new InvalidOptionError("patience", patience, "left out where no data are held out: what is better is judged on those");
  }
  if (onReport !== undefined && typeof onReport !== "function")
    throw new InvalidOptionError("onReport", onReport, "a function of a report");
  return options;
}

function checkHeld(held: unknown, isDataSet: boolean): void {
  if (held === undefined || isRecord(held)) return;
  const allowed = "a data set, or a share of the cases above 0 and below 1";
  if (typeof held !== "number" || !(held > 0 && held < 1)) throw new InvalidOptionError("held", held, allowed);
  checkNumber("held", held, 0, 1);
  if (!isDataSet) throw new InvalidOptionError("held", held, "a data set: of batches that are taken as they come no share can be held out");
}
