import { present } from "../boundary/present.js";
import { Breath } from "../breath.js";
import { DivergedError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import type { Network } from "../networks/network.js";
import { checkingValues } from "../networks/status.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import type { BatchQueue } from "./batchQueue.js";
import { Keeper } from "./keeper.js";
import { updating } from "./trainedOptimizer.js";
import { isBetter, type TrainingReason, type TrainingReport, type TrainingResult } from "./trainingResult.js";

/** A training with everything filled in. */
export interface TrainingPlan {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly batches: BatchQueue;
  readonly updates: number;
  readonly every: number;
  /** Updates in which a data set is gone through once. */
  readonly perEpoch: number | undefined;
  readonly held: Batch | undefined;
  /** Data whose values are looked through before the first update, by the names they have in messages. */
  readonly unseen: Readonly<Record<string, Batch>>;
  readonly patience: number;
  readonly signal: AbortSignal | undefined;
  readonly onReport: ((report: TrainingReport) => unknown) | undefined;
}

/** A training under way. */
export class Training {
  private readonly plan: TrainingPlan;
  private readonly breath = new Breath();
  private readonly begun = performance.now();
  private readonly keeper: Keeper;
  private readonly reports: TrainingReport[] = [];
  private best: TrainingReport | undefined;
  private updates = 0;
  /** Losses since the last report. */
  private lossSum = 0;
  private lossCount = 0;
  /** Reports since the best one. */
  private worse = 0;

  constructor(plan: TrainingPlan) {
    this.plan = plan;
    this.keeper = new Keeper(plan.network, plan.optimizer);
  }

  async run(): Promise<TrainingResult> {
    const { network, unseen } = this.plan;
    for (const [name, batch] of Object.entries(unseen)) await this.drive(checkingValues(name, batch, network.description.loss));
    let reason: TrainingReason;
    try {
      reason = await this.makeUpdates();
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      reason = { code: "diverged", message: `${error.message}. The network is as it was after update ${this.keeper.update}.` };
    }
    const { best, reports, keeper, updates } = this;
    const isDiverged = reason.code === "diverged";
    const goesBack = best !== undefined || isDiverged;
    // After a divergence nothing is what it was, not even where no update was finished since.
    if (isDiverged || (goesBack && keeper.update !== updates)) keeper.restore();
    const last = reports.at(-1);
    const kept = goesBack ? keeper.update : updates;
    return present({ reason, updates, kept, best, last, reports, seconds: this.seconds });
  }

  private async makeUpdates(): Promise<TrainingReason> {
    const { plan } = this;
    const { optimizer, batches, signal } = plan;
    while (this.updates < plan.updates) {
      if (signal?.aborted) return this.aborted();
      const batch = await batches.next(signal);
      if (signal?.aborted) return this.aborted();
      if (batch === undefined) {
        if (this.lossCount > 0 && !(await this.report())) return this.aborted();
        return { code: "dataEnded", message: `The batches ended after ${this.updates} of ${plan.updates} updates.` };
      }
      const made = await this.drive(updating(optimizer, batch));
      if (made === undefined) return this.aborted();
      this.updates++;
      this.lossSum += made.loss;
      this.lossCount++;
      if (this.updates % plan.every === 0 || this.updates === plan.updates) {
        if (!(await this.report())) return this.aborted();
        if (this.worse >= plan.patience) return this.impatient();
      }
      await this.pause();
    }
    return { code: "updates", message: `All ${plan.updates} updates were made.` };
  }

  /** Measures and says what there is to say; false where the signal came first. Throws DivergedError. */
  private async report(): Promise<boolean> {
    const { network, optimizer, held, updates, perEpoch, onReport } = this.plan;
    const error = held === undefined ? undefined : await this.drive(network.evaluateInSlices(held, "held"));
    if (held !== undefined && error === undefined) return false;
    await this.pause();
    const t = optimizer.updates - 1;
    const { seconds } = this;
    const report: TrainingReport = present({
      update: this.updates,
      updates,
      epoch: perEpoch && this.updates / perEpoch,
      loss: this.lossSum / this.lossCount,
      learningRate: optimizer.rate(t),
      momentum: optimizer.momentum(t),
      held: error,
      seconds,
      secondsLeft: (seconds / this.updates) * (updates - this.updates),
    });
    this.lossSum = this.lossCount = 0;
    const isBest = error === undefined || this.best === undefined || isBetter(error, this.best.held!);
    if (isBest) this.keeper.keep(this.updates);
    if (isBest && error !== undefined) this.best = report;
    this.worse = isBest ? 0 : this.worse + 1;
    this.reports.push(report);
    await onReport?.(report);
    return true;
  }

  /** Runs work to its end, the host having its turn in between; undefined where the signal came first. */
  private async drive<Result>(work: Generator<unknown, Result, void>): Promise<Result | undefined> {
    for (;;) {
      const next = work.next();
      if (next.done) return next.value;
      await this.pause();
      if (!this.plan.signal?.aborted) continue;
      work.return(undefined as never);
      return undefined;
    }
  }

  /** Lets the host have its turn, if it is due. */
  private async pause(): Promise<void> {
    if (this.breath.isDue) await this.breath.take();
  }

  private get seconds(): number {
    return (performance.now() - this.begun) / 1000;
  }

  private aborted(): TrainingReason {
    return { code: "aborted", message: `Stopped by the caller after ${this.updates} of ${this.plan.updates} updates.` };
  }

  private impatient(): TrainingReason {
    const { patience } = this.plan;
    const reports = patience === 1 ? "One report" : `${patience} reports in a row`;
    return { code: "patience", message: `${reports} brought no lower held-out error than that after update ${this.best!.update}.` };
  }
}
