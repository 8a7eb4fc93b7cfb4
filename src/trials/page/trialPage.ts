import type { Page, Section } from "../../report/page/page.js";
import { formatCount, formatDuration, formatError } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import type { Outcome } from "../outcome.js";
import type { Measures, PreparedTask } from "../preparedTask.js";
import { isHessianFree } from "../spec.js";
import { describeInitialization, describeOptimizer, describeTask } from "./describeSpec.js";

/** What the page about one or more trials on one task shows besides their outcomes. */
export interface TrialPageContent {
  readonly title: string;
  readonly lead: string;
  readonly outcomes: readonly Outcome[];
  readonly task: PreparedTask;
  /** Says below the table what the errors in it are. */
  readonly tableCaption: string;
  /** Plots and pictures of the task's own. */
  readonly figures: readonly Section[];
  /** What to see in the figures, a paragraph each. */
  readonly explanation: readonly string[];
  readonly machine: readonly (readonly [string, string])[];
  readonly footer: string;
}

/**
 * The results as a table for terminal and page. Its last row is what answering without looking at the inputs costs. Where Hessian-free
 * takes part, how many updates each made and what they took.
 */
export function outcomeTable(outcomes: readonly Outcome[], { columns, baseline }: PreparedTask): Table {
  const errors = (measures: Measures | undefined): string[] => columns.map(({ key }) => formatError(measures?.[key]));
  const counts: readonly { readonly title: string; readonly of: (outcome: Outcome) => string }[] = outcomes.some(({ spec }) =>
    isHessianFree(spec),
  )
    ? [
        { title: "Updates", of: ({ update }) => formatCount(update) },
        { title: "CG steps", of: ({ conjugateGradientSteps: steps }) => (steps === undefined ? "-" : formatCount(steps)) },
        { title: "Cases processed", of: ({ casesProcessed }) => formatCount(casesProcessed) },
        { title: "Time", of: ({ seconds }) => formatDuration(seconds) },
      ]
    : [];
  return {
    columns: [
      { title: "Optimizer" },
      { title: "Learning rate", align: "right" },
      ...columns.map(({ title }) => ({ title, align: "right" }) as const),
      ...counts.map(({ title }) => ({ title, align: "right" }) as const),
      { title: "ms per update", align: "right" },
    ],
    rows: [
      ...outcomes.map((outcome) => {
        const { name, spec, measures, update, seconds, failure } = outcome;
        const { learningRate } = spec.optimizer;
        return [
          name,
          typeof learningRate === "number" ? String(learningRate) : "scheduled",
          ...(failure === undefined ? errors(measures) : columns.map(() => "diverged")),
          ...counts.map(({ of }) => of(outcome)),
          update === 0 ? "-" : ((1000 * seconds) / update).toFixed(1),
        ];
      }),
      [baseline.name, "-", ...errors(baseline), ...counts.map(() => "-"), "-"],
    ],
  };
}

export function trialPage({ title, lead, outcomes, task, tableCaption, figures, explanation, machine, footer }: TrialPageContent): Page {
  const failures = outcomes.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name} ${failure}.`]));
  const sections: Section[] = [
    {
      kind: "table",
      title: "Result",
      table: outcomeTable(outcomes, task),
      caption: `${tableCaption} Times are those of the updates alone.`,
    },
    ...figures,
    { kind: "prose", title: "What to see", paragraphs: [...failures, ...explanation] },
    { kind: "facts", title: "Settings", facts: [...settings(outcomes), ...machine] },
    {
      kind: "data",
      title: "What was run",
      caption: "Each trial as data. Saved to a file, it can be run again: heavyball train file.json",
      values: outcomes.map(({ name, spec }) => ({ name, value: spec })),
    },
  ];
  return { title, lead, sections, footer };
}

function settings(outcomes: readonly Outcome[]): [string, string][] {
  const [{ spec }] = outcomes;
  return [
    ["Task", `${spec.task.name}: ${describeTask(spec)}`],
    ["Initialization", describeInitialization(spec)],
    ...outcomes.map((outcome): [string, string] => [outcome.name, describeOptimizer(outcome.spec)]),
  ];
}
