import { isArray, isRecord } from "../../boundary/realm.js";
import { InvalidOptionError } from "../../errors.js";
import { methodOf } from "../../optimizers/index.js";
import type { Page, Section } from "../../report/page/page.js";
import { formatCount, formatDuration } from "../../report/text/format.js";
import type { MachineFacts } from "../../runtime/machineFacts.js";
import { kindOf, type TaskSpec } from "../../tasks/index.js";
import type { PreparedTask, Shown, ShownTrial } from "../../tasks/task.js";
import { checkKnownOptions, checkObject } from "../../validate.js";
import type { TrialRecord } from "../record.js";
import type { EndedTrial } from "../runTrialOptions.js";
import { isHessianFree } from "../spec.js";
import { dampingPlot, errorAxes } from "./axes.js";
import { describeMachine, footer } from "./describeMachine.js";
import { describeEvent, describeInitialization, describeOptimizer, describeTask } from "./describeSpec.js";
import { resultTable } from "./resultTable.js";

/** What the page about trials says in other words than it does by itself. */
export interface TrialPageOptions {
  /** The page's title. Default: the task's and the optimizer's. */
  readonly title?: string;
  /** How much was made of the trials, after "After". */
  readonly made?: string;
  /** Said below the table besides what the errors in it are. */
  readonly tableNote?: string;
  /** Figures after the task's own. */
  readonly figures?: readonly Section[];
  /** What to see in the figures, a paragraph each. */
  readonly explanation?: readonly string[];
  /** Seconds that the whole work took. */
  readonly seconds?: number;
}

const optionNames = ["title", "made", "tableNote", "figures", "explanation", "seconds"] as const;

/**
 * The page about one trial, or about trials of one task beside each other, in the order of its table.
 *
 * @throws InvalidOptionError for what is no list of trials that have ended
 */
export function trialPage(trials: readonly EndedTrial[], options: TrialPageOptions = {}): Page {
  checkTrials(trials);
  checkKnownOptions("trialPage", checkObject("options of trialPage", options), optionNames);
  const [{ record, task: prepared }] = trials;
  const { spec, machine } = record;
  const kind = kindOf(spec.task);
  const shown = shownTrials(trials, options.made);
  const { page } = kind;
  const failures = trials.flatMap(({ name, record: { end } }) => (end.code === "diverged" ? [`${name} ${end.message}.`] : []));
  const explanation = options.explanation ?? page.explanation(shown);
  const note = options.tableNote === undefined ? "" : ` ${options.tableNote}`;
  const sections: Section[] = [
    {
      kind: "table",
      title: "Result",
      table: resultTable(trials, prepared),
      caption: `${page.tableCaption(shown)}${note} Times are those of the updates alone.`,
    },
    ...page.figures(shown),
    ...changes(trials),
    ...dampingPlot(trials),
    ...(options.figures ?? []),
    { kind: "prose", title: "What to see", paragraphs: [...failures, ...explanation] },
    { kind: "facts", title: "Settings", facts: [...settings(trials), ...describeMachine(machine), ...time(options.seconds)] },
    {
      kind: "data",
      title: "What was run",
      caption: "Each trial as data. Saved to a file, it can be run again: heavyball train file.json",
      values: trials.map(({ name, record: { spec, events } }) => ({ name, value: events === undefined ? spec : { spec, events } })),
    },
  ];
  const title =
    options.title ?? `${page.title}, ${kind.family === "recurrent" ? "learned" : "trained"} with ${methodOf(spec.optimizer).title}`;
  return { title, lead: page.lead(shown), sections, footer: footer(machine as MachineFacts) };
}

/** What was changed by hand, and when. */
function changes(trials: readonly EndedTrial[]): Section[] {
  const rows = trials.flatMap(({ name, record: { spec, events = [] } }) =>
    events.map((event) => [name, formatCount(event.update), describeEvent(event, spec.updates)]),
  );
  if (rows.length === 0) return [];
  const columns = [{ title: "Optimizer" }, { title: "From update", align: "right" as const }, { title: "On" }];
  const caption = "Changed by hand while it ran; rings in the plots mark where the error was last known before.";
  return [{ kind: "table", title: "Changes", table: { columns, rows }, caption }];
}

function checkTrials(trials: unknown): void {
  const allowed = "what onEnd of runTrial or raceTrials is given, in a list of at least one";
  if (!isArray(trials) || trials.length === 0) throw new InvalidOptionError("trials", trials, allowed);
  trials.forEach((trial, at) => {
    const { record, task, runtime } = checkObject(`trials[${at}]`, trial);
    if (![record, task, runtime].every(isRecord)) throw new InvalidOptionError(`trials[${at}]`, trial, "what onEnd of runTrial is given");
  });
}

/** Trials of one task as its figures show them; `made` says how much was made of the first, in other words than it does by itself. */
export function shownTrials(trials: readonly EndedTrial[], made?: string): Shown<TaskSpec, PreparedTask> {
  const [{ record, task }] = trials;
  return {
    task: record.spec.task,
    prepared: task,
    trials: trials.map((trial, at) => shownTrial(trial, at === 0 ? made : undefined)),
    axes: errorAxes(trials),
  };
}

function shownTrial({ name, record, network, runtime, task }: EndedTrial, made = describeMade(record)): ShownTrial {
  const { spec, update, final, best, end } = record;
  return {
    name,
    method: spec.optimizer.method,
    spec,
    made,
    update,
    measures: final,
    best,
    network: end.code === "diverged" ? undefined : network,
    activationsAtStart(batch, layer) {
      const start = runtime.network(task.network);
      try {
        start.initialize(spec.initialization, spec.seed);
        return start.activations(batch, layer);
      } finally {
        start.dispose();
      }
    },
  };
}

function time(seconds: number | undefined): [string, string][] {
  return seconds === undefined ? [] : [["Time", `${formatDuration(seconds)} in all`]];
}

/**
 * "50,000 updates", or "3,000 of 50,000 updates, where it was stopped,"; a trial that has made all its steps of conjugate gradient was not
 * stopped.
 */
export function describeMade({ spec, update, end, conjugateGradientSteps: steps = 0 }: TrialRecord): string {
  const made = `${formatCount(update)} ${update === 1 ? "update" : "updates"}`;
  if (isHessianFree(spec) && steps >= (spec.conjugateGradientSteps ?? Infinity)) {
    return `${made} of ${formatCount(steps)} steps of conjugate gradient`;
  }
  if (update >= spec.updates) return made;
  return `${formatCount(update)} of ${formatCount(spec.updates)} updates${end.code === "diverged" ? "" : ", where it was stopped,"}`;
}

function settings(trials: readonly EndedTrial[]): [string, string][] {
  const [{ record }] = trials;
  return [
    ["Task", `${record.spec.task.name}: ${describeTask(record.spec)}`],
    ["Initialization", describeInitialization(record.spec)],
    ...trials.map(({ name, record: { spec } }): [string, string] => [name, describeOptimizer(spec)]),
  ];
}
