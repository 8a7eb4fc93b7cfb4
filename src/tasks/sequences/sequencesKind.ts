import { InvalidOptionError, ShapeError } from "../../errors.js";
import { checkInitialization, type Initialization } from "../../initialize/index.js";
import { recurrent } from "../../networks/describe.js";
import type { SpecOption } from "../../options.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../../validate.js";
import { type HessianFreeDefaults, withHessianFreeDefaults } from "../optimizerDefaults.js";
import type { TaskKind } from "../task.js";
import { type PreparedSequences, prepareSequences, type SequenceMeasure, sequenceMeasures } from "./preparedSequences.js";
import { sequencesPage } from "./sequencesPage.js";
import type { SequencesDescription, SequenceTask } from "./sequenceTask.js";

/** A recurrent problem: the sequences, the size of the network that reads them, and how many it is tested on. */
export type RecurrentTask<D extends SequencesDescription> = D & {
  /** Hidden units. Default 100, the paper's; at most 4,096. */
  readonly hidden: number;
  /** Held-out sequences that the outcome is measured on. Default 10,000. */
  readonly testCases: number;
};

/** What the recurrent problems differ in. */
export interface SequenceProblem<D extends SequencesDescription> {
  readonly name: D["name"];
  /** Makes the sequences of a description; `where` is what its options are called in messages. */
  create(options: Record<string, unknown>, where: string): SequenceTask<D>;
  /** The names of its options. */
  readonly known: readonly string[];
  readonly options: readonly SpecOption[];
  /** Why an option of other recurrent problems means nothing to it. */
  readonly why: Readonly<Record<string, string>>;
  /**
   * A learning rate, and a seed since not every starting point learns: those of full trials that did, see docs/long-term-dependencies.md.
   */
  readonly learningRate: number;
  readonly seed: number;
  /** Outputs that are scored, for Hessian-free's damping: the symbols to repeat times their kinds; 1 for a single answer. */
  scoredOutputs(description: D): number;
  /** How long the sequences are, and which readings of the paper were chosen that are not the default. */
  describe(description: D): readonly string[];
  /** What is hard about it. */
  readonly explanation: string;
}

const defaultTestSequences = 10_000;
/** The spectral radius of the starting point takes 10 n^3 operations: minutes at this many units. */
const mostHidden = 4096;
/** Updates of the paper's recurrent trials, and of the first phase, whose momentum is 0.9 whatever mu_0. */
const paperUpdates = 50_000;
const firstPhase = { updates: 1000, momentum: 0.9 };

/** Options of every recurrent problem. */
const sharedOptions: readonly SpecOption[] = [
  { name: "length", kind: "number", value: "T", help: "nominal length of the sequences (default 80; memory5: 200)", path: "task.length" },
  { name: "hidden", kind: "number", value: "N", help: "hidden units (default 100)", path: "task.hidden" },
  {
    name: "spectral-radius",
    kind: "number",
    value: "R",
    help: "spectral radius of the hidden-to-hidden weights at the start\n(default 1.1)",
    path: "initialization.spectralRadius",
  },
  {
    name: "initial-hidden",
    kind: "text",
    value: "WHAT",
    help: "hidden state before the first step: zero (default) or learned",
    path: "task.initialHidden",
  },
  { name: "test-cases", kind: "number", value: "N", help: "held-out sequences (default 10000)", path: "task.testCases" },
];

/** Why options of other tasks mean nothing to a recurrent problem. */
const elsewhere: Readonly<Record<string, string>> = {
  period: "whose momentum is 0.9 for 1,000 updates and then --momentum-max",
  cases: "which draws new sequences for every minibatch",
  "initialization-scale": "whose echo-state initialization is scaled by --spectral-radius",
  data: "which draws its sequences itself",
};

/**
 * Martens & Sutskever (2011): sequences for the gradient and for the curvature, steps an update, mu of structural damping, lambda_0 for
 * each scored output.
 */
const martens = { gradientCases: 10_000, curvatureCases: 1000, steps: 300, structuralDamping: 0.03, damping: 0.01 };

/** The momentum of the paper's recurrent trials: 0.9 for the first 1,000 updates, then mu_0, by default the largest it tries. */
function paperMomentum(mu0 = 0.995): Record<string, unknown> {
  return { schedule: "piecewise", values: [firstPhase.momentum, mu0], at: [firstPhase.updates] };
}

/** The kind of a recurrent problem. */
export function sequencesKind<D extends SequencesDescription>(
  problem: SequenceProblem<D>,
): TaskKind<RecurrentTask<D>, PreparedSequences, undefined, SequenceMeasure> {
  type Task = RecurrentTask<D>;
  /** Tasks whose sequences were asked for: making them again is not free. */
  const made = new WeakMap<Task, SequenceTask<D>>();
  const sequencesOf = (task: Task): SequenceTask<D> => {
    const { hidden: _hidden, testCases: _testCases, ...options } = task;
    const sequences = made.get(task) ?? problem.create(options, "task");
    made.set(task, sequences);
    return sequences;
  };
  const largestBatch = (task: Task): number => {
    const { steps, inputs, outputs } = sequencesOf(task);
    // No array of a batch may have more numbers.
    return Math.floor(2 ** 30 / (steps * Math.max(inputs, outputs)));
  };
  /**
   * The longest sequences of which the test cases still fit a batch; those of the task are too long, those of its default length are not.
   */
  const longestFor = (task: Task): number => {
    let fits = problem.create({}, "task").description.length;
    let tooLong = task.length;
    while (tooLong - fits > 1) {
      const length = Math.floor((fits + tooLong) / 2);
      if (largestBatch({ ...task, length }) >= task.testCases) fits = length;
      else tooLong = length;
    }
    return fits;
  };

  return {
    name: problem.name,
    title: problem.name,
    family: "recurrent",
    measures: sequenceMeasures,
    options: [...sharedOptions, ...problem.options],
    why: (option) => problem.why[option] ?? elsewhere[option],
    check(given) {
      checkKnownOptions("task", given, ["name", ...problem.known, "seed", "hidden", "testCases"]);
      const { hidden, testCases, ...options } = given;
      const task: Task = {
        ...problem.create(options, "task").description,
        hidden: checkInteger("task.hidden", orDefault(hidden, 100), 1, mostHidden),
        testCases: checkInteger("task.testCases", orDefault(testCases, defaultTestSequences), 1),
      };
      const most = largestBatch(task);
      if (testCases === undefined && task.testCases > most) {
        // Nobody gave the test cases: the length is what there is to blame.
        const cases = task.testCases;
        throw new InvalidOptionError("task.length", task.length, (name) => {
          return (
            `at most ${longestFor(task)}, for the ${cases} test cases there are by default, or given with ${name("task.testCases")} of ` +
            `at most ${most}`
          );
        });
      }
      checkInteger("task.testCases", task.testCases, 1, most);
      return task;
    },
    checkInitialization: (task, value) => checkStart(task.name, sequencesOf(task), value),
    batchSize: (task) => ({ standard: 100, largest: largestBatch(task) }),
    optimizer: (task, given) => withHessianFreeDefaults(given, (isHybrid) => hessianFreeDefaults(problem.scoredOutputs(task), isHybrid)),
    defaults: { learningRate: problem.learningRate, updates: paperUpdates, seed: problem.seed },
    momentum: (asked, before) => (asked?.maximum === undefined && before !== undefined ? before : paperMomentum(asked?.maximum)),
    prepare(task, seed) {
      const sequences = sequencesOf(task);
      const { inputs, outputs, output, loss } = sequences;
      return prepareSequences(
        recurrent({ inputs, hidden: task.hidden, outputs, output, loss }),
        sequences,
        task.testCases,
        task.seed ?? seed,
      );
    },
    describeNetwork: ({ name, hidden }) => `${name}, a recurrent network of ${formatCountOf(hidden, "tanh unit")}`,
    describe(task, training) {
      const learned = task.initialHidden === "learned" ? ["learned initial hidden state"] : [];
      return (
        `sequences of ${[...problem.describe(task), ...learned].join(", ")}; ${formatCount(task.testCases)} held out, fresh ones in ` +
        `${training}`
      );
    },
    page: sequencesPage(problem.name, problem.explanation),
  };
}

/**
 * What `hessianFree` leaves out: gradients of 10,000 fresh sequences, curvature of 1,000 of them, 300 steps, structural damping 0.03,
 * lambda_0 = 0.01 for each scored output. The momentum variant: gradient and curvature of one minibatch of 1,000 sequences, and its own
 * number of steps.
 */
function hessianFreeDefaults(scoredOutputs: number, isHybrid: boolean): HessianFreeDefaults {
  const { gradientCases, curvatureCases, steps, structuralDamping, damping } = martens;
  const shared = { damping: { initial: damping * scoredOutputs }, structuralDamping };
  if (isHybrid) return { ...shared, gradientCases: curvatureCases, curvatureCases: "gradient" };
  return { ...shared, gradientCases, curvatureCases, conjugateGradient: { maximum: steps, minimum: steps } };
}

function checkStart(name: string, { inputScale, outputBiases, outputs }: SequenceTask, value: unknown): Initialization {
  const option = "initialization";
  const given = checkObject(option, orDefault(value, { method: "echoState" }));
  if (given.method === "sparse" || given.method === "dense") {
    throw new InvalidOptionError(`${option}.method`, given.method, `"echoState": ${name} trains a recurrent network`);
  }
  const drawn = { inputScale: orDefault(given.inputScale, inputScale), outputBiases: orDefault(given.outputBiases, outputBiases) };
  const checked = checkInitialization(option, { ...given, ...drawn });
  if (checked.method === "echoState" && checked.outputBiases?.length !== outputs) {
    throw new ShapeError(`the length of ${option}.outputBiases`, checked.outputBiases!.length, `the number of outputs, ${outputs}`);
  }
  return checked;
}
