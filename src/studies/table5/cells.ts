import { addition } from "../../tasks/addition/addition.js";
import { memory5, memory20 } from "../../tasks/memory/memory.js";
import { multiplication } from "../../tasks/multiplication/multiplication.js";
import type { PlannedCell, QuotedCell } from "../tables/plannedCell.js";
import { firstPhase, recurrentUpdates, type Table5Values } from "./options.js";
import { table5Momenta, table5Paper } from "./paper.js";

/** The paper's learning rates, fixed ones. */
export const paperRates = [0.001, 0.0001, 0.00001, 0.000001] as const;
/** The momentum of the first phase. */
const firstMomentum = 0.9;

/** What columns are called. */
export const noneColumn = "mu 0";
export const nagColumn = (mu0: number): string => `NAG ${mu0}`;
export const cmColumn = (mu0: number): string => `CM ${mu0}`;
export const biasesColumn = "biases alone";

export type RecurrentRow = (typeof table5Paper.rows)[number]["row"];

const problems = { addition, multiplication, memory5, memory20 } as const;

/** The problem of a row with the readings that were asked for. */
interface Problem {
  readonly task: Readonly<Record<string, unknown>>;
  /** What the biases of its outputs reach alone. */
  readonly biasesAlone: number;
  /** Outputs of a sequence whose losses are added. */
  readonly scoredOutputs: number;
}

function problemOf(row: RecurrentRow, { target, scored, lengthMeans, initialHidden, testCases }: Table5Values): Problem {
  const own = { addition: { target }, multiplication: {}, memory5: { scored, lengthMeans }, memory20: { scored, lengthMeans } };
  const options = { ...own[row], initialHidden };
  const sequences = problems[row](options);
  const { mask } = sequences.testBatch(1, 1);
  return {
    task: { name: row, testCases, ...options },
    biasesAlone: sequences.biasesOnly.zeroOne,
    scoredOutputs: mask!.reduce((sum, weight) => sum + weight, 0),
  };
}

/** All cells: four problems, and mu_0 = 0 beside NAG and CM with three more. */
export function table5Cells(spec: Table5Values): PlannedCell[] {
  return table5Paper.rows.flatMap(({ row, none, nag, cm }) => {
    const { task, scoredOutputs } = problemOf(row, spec);
    const rates = spec.rates === "sum" ? paperRates : paperRates.map((rate) => rate / scoredOutputs);
    const cell = (column: string, method: string, mu0: number, paper: number): PlannedCell => {
      const momentum = { schedule: "piecewise", values: [firstMomentum, mu0], at: [firstPhase] };
      const trial = { task, optimizer: { method, momentum }, batchSize: 100, updates: recurrentUpdates };
      return { row, column, trial, rates, paper };
    };
    return [
      cell(noneColumn, "nesterov", 0, none),
      ...table5Momenta.map((mu0, at) => cell(nagColumn(mu0), "nesterov", mu0, nag[at])),
      ...table5Momenta.map((mu0, at) => cell(cmColumn(mu0), "classicalMomentum", mu0, cm[at])),
    ];
  });
}

/** The column of the biases alone, which needs no trial. */
export function biasesCells(spec: Table5Values): QuotedCell[] {
  return table5Paper.rows.map(({ row, biases }) => {
    const here = problemOf(row, spec).biasesAlone;
    return { row, column: biasesColumn, paper: biases, here, remark: "exact here: what output biases of the least loss reach" };
  });
}
