import type { PlannedCell } from "../tables/plannedCell.js";
import { costOfUpdate, type UpdateSize } from "./gradientEquivalents.js";
import { echoStatePaper } from "./paper.js";

/** The paper's recurrent trials: updates from minibatches of fresh sequences, and updates of the first phase, whose momentum is 0.9. */
export const nesterovUpdates = 50_000;
const minibatch = 100;
const firstPhase = 1000;

/** What a trial of Nesterov momentum of full length costs, and no trial of Hessian-free costs more, evaluations apart. */
export const fullBudget = nesterovUpdates * minibatch;

/** The problems, and how many steps of a sequence are scored. */
const problems = { addition: 1, multiplication: 1, memory5: 5, memory20: 10 } as const;

export type Problem = keyof typeof problems;

export const problemNames = Object.keys(problems) as readonly Problem[];

export const columns = { hessianFree: "HF", nesterov: "NAG 0.995" } as const;

/** The paper's learning rates, which are taken to be those of a loss that is the mean over the scored steps; here it is their sum. */
const paperRates = [1e-3, 1e-4, 1e-5, 1e-6] as const;

/** Every problem both ways, at full length. Both start from the echo state of Table 4, which is what these tasks have. */
export function plannedCells(size: UpdateSize): PlannedCell[] {
  return problemNames.flatMap((row): PlannedCell[] => {
    const { gradientCases, curvatureCases, steps } = size;
    const conjugateGradient = { maximum: steps, minimum: steps };
    return [
      {
        row,
        column: columns.hessianFree,
        trial: {
          task: { name: row },
          optimizer: { method: "hessianFree", gradientCases, curvatureCases, conjugateGradient },
          updates: hessianFreeUpdates(size),
        },
        // Its step is found by a line search from 1.
        rates: [1],
      },
      {
        row,
        column: columns.nesterov,
        trial: {
          task: { name: row },
          optimizer: { method: "nesterov", momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [firstPhase] } },
          batchSize: minibatch,
          updates: nesterovUpdates,
        },
        rates: paperRates.map((rate) => rate / problems[row]),
        paper: echoStatePaper.nesterov[row],
      },
    ];
  });
}

/** Updates of Hessian-free that a fraction of the full budget pays for, to half an update, and one at least. */
export function hessianFreeUpdates(size: UpdateSize, fraction = 1): number {
  return Math.max(1, Math.round(Math.max(1, Math.floor(fullBudget / costOfUpdate(size))) * fraction));
}

/** What is counted in updates of NAG. */
export const counted = [
  { what: "the trial", updates: nesterovUpdates },
  { what: "the first phase", updates: firstPhase },
] as const;
