import type { Runtime } from "../createRuntime.js";
import type { Outcome } from "../trials/outcome.js";
import type { PreparedCurves, PreparedSequences } from "../trials/prepareTask.js";
import { isHessianFree } from "../trials/spec.js";
import type { Trial } from "../trials/trial.js";
import { curvesPage } from "./curvesPage.js";
import { hessianFreePlateau } from "./explanations.js";
import type { MachineFacts } from "./machine.js";
import { sequencePage } from "./sequencePage.js";
import { describeMade } from "./terminal/words.js";

interface TrainPage {
  readonly runtime: Runtime;
  readonly outcome: Outcome;
  readonly trial: Trial;
  readonly task: PreparedCurves | PreparedSequences;
  readonly machine: MachineFacts;
  readonly figure3: boolean;
  /** Seconds since the command began. */
  readonly seconds: () => number;
}

/** What the optimizers are called in titles. */
const optimizerNames = {
  sgd: "gradient descent",
  classicalMomentum: "classical momentum",
  nesterov: "Nesterov momentum",
  hessianFree: "Hessian-free optimization",
} as const;

/** The report page about one trial. */
export function trainPage({ runtime, outcome, trial, task, machine, figure3, seconds }: TrainPage): string {
  const name = optimizerNames[outcome.spec.optimizer.method];
  if ("sequences" in task) return sequencePage({ runtime, name, outcome, trial, task, machine, figure3, seconds });
  const title = `The CURVES autoencoder, trained with ${name}`;
  const made = describeMade(outcome);
  return curvesPage({
    title,
    made,
    outcomes: [outcome],
    trials: [trial],
    task,
    machine,
    explanation: explanation(outcome),
    seconds: seconds(),
  });
}

function explanation({ spec }: Outcome): string[] {
  const plateau =
    "The error first falls to that of the mean image (the dotted line), which the biases of the output layer can learn alone. The " +
    "level stretch that follows is not a minimum: the directions that lead on have little curvature, and progress along them is slow " +
    "until it adds up.";
  return isHessianFree(spec) ? [plateau, hessianFreePlateau] : [plateau];
}
