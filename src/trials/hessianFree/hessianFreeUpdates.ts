import type { HessianFreeState, HessianFreeStepResult } from "../../optimizers/hessianFree/hessianFreeOptimizer.js";
import type { HessianFreeProgress } from "../../optimizers/hessianFree/hessianFreeUpdate.js";
import type { HessianFreeFacts } from "../report.js";
import { hessianFreeReportUpdates } from "../reportUpdates.js";
import type { HessianFreeTrialSpec } from "../spec.js";
import { type HessianFreeTotals, type Slice, type TrialState, type UpdateParts, type Updates, watch } from "../updates.js";
import { hessianFreeBatches } from "./hessianFreeBatches.js";

/** The updates of a Hessian-free trial, each in slices of some tens of milliseconds. */
export function hessianFreeUpdates(parts: UpdateParts<HessianFreeTrialSpec>, from?: TrialState): Updates {
  const { runtime, network, spec, task, clock } = parts;
  const { updates, conjugateGradientSteps: budget = Infinity } = spec;
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates });
  if (from !== undefined) optimizer.setState(from.optimizer as HessianFreeState);
  let totals: HessianFreeTotals = from?.totals ?? { conjugateGradientSteps: 0, casesProcessed: 0 };
  const isOver = (): boolean => optimizer.updates >= updates || totals.conjugateGradientSteps >= budget;
  if (isOver()) parts.changes.end();

  function* slices(): Generator<Slice, void, undefined> {
    const measured = new Set(hessianFreeReportUpdates(updates));
    const remedy = (): string => `lower the learning rate or raise damping.initial (lambda is ${optimizer.lambda} here)`;
    if (optimizer.updates === 0)
      yield { report: { update: 0, updates, ...watch(parts, 0, remedy()), casesProcessed: 0, seconds: clock.finished } };
    while (!isOver()) {
      const t = optimizer.updates;
      const changed = parts.changes.begin(t);
      if (changed !== undefined) optimizer.adopt({ ...spec.optimizer, ...changed });
      const work = clock.time(() => {
        const { batch, ...options } = hessianFreeBatches(task.source, spec, t);
        return optimizer.advance(batch, options);
      });
      let made: HessianFreeStepResult | undefined;
      try {
        for (;;) {
          const next = clock.time(() => work.next());
          if (next.done) {
            made = next.value;
            break;
          }
          yield { share: shareOf(next.value), detail: describe(next.value) };
        }
      } finally {
        // Whoever left between two slices leaves the update too, unfinished.
        if (made === undefined) work.return(undefined as never);
      }
      totals = {
        conjugateGradientSteps: totals.conjugateGradientSteps + made.conjugateGradientSteps,
        casesProcessed: totals.casesProcessed + made.casesProcessed,
      };
      const seconds = clock.settle();
      const isLast = isOver();
      // Whoever hears of the last update can change nothing more.
      if (isLast) parts.changes.end();
      yield {
        report: {
          update: t + 1,
          updates,
          loss: made.loss,
          ...(isLast || measured.has(t + 1) ? watch(parts, t, remedy(), made.loss) : {}),
          learningRate: made.learningRate,
          momentum: optimizer.momentum(t),
          ...facts(made, totals),
          casesProcessed: totals.casesProcessed,
          seconds,
        },
      };
    }
  }

  return { slices: slices(), state: () => ({ update: optimizer.updates, optimizer: optimizer.getState(), totals }) };
}

function facts(
  { lambda, rho, conjugateGradientSteps, reason, chosenStep, lineSearchRate }: HessianFreeStepResult,
  totals: HessianFreeTotals,
): HessianFreeFacts {
  return {
    lambda,
    rho: Number.isFinite(rho) ? rho : null,
    conjugateGradientSteps,
    totalConjugateGradientSteps: totals.conjugateGradientSteps,
    conjugateGradientEnd: reason.code,
    chosenStep,
    lineSearchRate,
  };
}

/** Where an update spends its time, roughly: a tenth on the gradient, most on conjugate gradient, the rest on judging steps. */
const PHASES = { gradient: [0, 0.1], conjugateGradient: [0.1, 0.8], search: [0.9, 0.1] } as const;

function shareOf({ phase, step, of }: HessianFreeProgress): number {
  const [before, length] = PHASES[phase];
  return before + length * Math.min(1, step / of);
}

function describe({ phase, step }: HessianFreeProgress): string {
  return phase === "gradient" ? "gradient" : phase === "search" ? "search" : `CG step ${step}`;
}
