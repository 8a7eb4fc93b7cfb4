import { join, resolve } from "node:path";
import { createRuntime, type Runtime } from "../../createRuntime.js";
import { InvalidOptionError } from "../../errors.js";
import { makeDirectory } from "../../node/makeDirectory.js";
import { writeWholeFile } from "../../node/wholeFile.js";
import { htmlPage } from "../../report/page/page.js";
import { logPlot } from "../../report/plot/logPlot.js";
import { formatDuration, formatError } from "../../report/text/format.js";
import { ProgressBars } from "../../report/text/progressBars.js";
import { textTable } from "../../report/text/table.js";
import { type Figure5Progress, type Figure5Result, type Figure5Spec, figure5Spec, runFigure5 } from "../../studies/figure5/figure5.js";
import {
  describeQuadratic,
  figure5Csv,
  figure5Outcome,
  figure5Page,
  figure5Plot,
  figure5Table,
} from "../../studies/figure5/figure5Page.js";
import { describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import { describeMachine, footer, machineFacts } from "../machine.js";
import { Interrupt } from "../terminal/interrupt.js";
import { describeOptions, nearest, type Options, parseOptions, UsageError, type Values } from "../terminal/options.js";
import { print, say, sayJson, standardOutput } from "../terminal/output.js";

const reproduceOptions = {
  fraction: {
    kind: "number",
    value: "X",
    help: "share of the 20,000 training cases that the run has (default 0.05;\n1 takes about half an hour on two cores)",
  },
  error: { kind: "number", value: "E", help: "training error at which the quadratic is taken (default 2)" },
  iterations: { kind: "number", value: "N", help: "iterations of each method (default 120, the paper's)" },
  updates: {
    kind: "number",
    value: "N",
    help: "updates of the run at most (default 300); after so many the\nquadratic is taken whatever the error is",
  },
  seed: { kind: "number", value: "N", help: "root of all random streams (default 1)" },
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  kernels: { kind: "text", value: "VARIANT", help: "simd, relaxed or auto (default)" },
  out: {
    kind: "text",
    value: "DIR",
    help: "directory for figure5.json, figure5.csv, figure5.svg and\nreport.html, rewritten by every run (default\nheavyball-runs/figure5)",
  },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

export const reproduceHelp = `heavyball reproduce figure5 [options]

Figure 5 of the paper: conjugate gradient beside Nesterov momentum (NAG) on one and the same
quadratic, the one that Hessian-free optimization meets in the middle of a run on CURVES.
Runs Hessian-free on the CURVES autoencoder until the training error is low enough, freezes
the damped Gauss-Newton quadratic there, and minimizes it from zero both ways.

${describeOptions(reproduceOptions)}
`;

/** Studies of the paper that later versions will have. */
const later = ["table1", "table2", "table3", "table5", "figure1", "figure2", "figure3", "theorem", "all"];

/** `heavyball reproduce`; returns the exit code. */
export async function reproduceCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("reproduce", reproduceOptions, args);
  if (values.help) {
    print(reproduceHelp);
    return 0;
  }
  checkName(words);
  const begun = performance.now();
  const { spec, runtime } = await prepare(values);
  try {
    const directory = values.out ?? join("heavyball-runs", "figure5");
    makeDirectory(directory);
    return await figure5(runtime, spec, { directory, json: values.json === true, begun });
  } finally {
    await runtime.dispose();
  }
}

function checkName(words: readonly string[]): void {
  const [name] = words;
  if (words.length > 1) throw new UsageError(`reproduce takes one table or figure, and is given ${words.length}: ${words.join(" ")}`);
  if (name === "figure5") return;
  if (name === undefined) throw new UsageError("reproduce what? This version reproduces one figure: heavyball reproduce figure5");
  if (name === "figure3")
    throw new UsageError("reproduce does not know figure3 yet; it is part of the report of heavyball train addition --figure3 --out DIR");
  if (later.includes(name)) throw new UsageError(`reproduce does not know ${name} yet: this version reproduces figure5`);
  const near = nearest(name, ["figure5", ...later]);
  throw new UsageError(
    `${JSON.stringify(name)} is not a table or figure of the paper; ` +
      `${near === undefined ? "this version reproduces figure5" : `did you mean ${near}?`}`,
  );
}

async function prepare({
  fraction,
  error,
  iterations,
  updates,
  seed,
  threads,
  kernels,
}: Values<typeof reproduceOptions>): Promise<{ spec: Figure5Spec; runtime: Runtime }> {
  try {
    const spec = figure5Spec({ fraction, error, iterations, updates, seed });
    return { spec, runtime: await createRuntime({ threads, kernels: kernels as "auto" | undefined }) };
  } catch (error) {
    if (!(error instanceof InvalidOptionError) || !Object.hasOwn(reproduceOptions, error.option)) throw error;
    throw new InvalidOptionError(`--${error.option}`, error.value, error.allowed);
  }
}

async function figure5(
  runtime: Runtime,
  spec: Figure5Spec,
  { directory, json, begun }: { directory: string; json: boolean; begun: number },
): Promise<number> {
  const machine = machineFacts(runtime);
  if (json) sayJson("study", { ...spec, machine });
  else {
    say(`heavyball ${machine.heavyball}, ${machine.kernels} kernels, threads: ${runtime.threads} (${runtime.threadsReason})`);
    say(`Hessian-free on the CURVES autoencoder until the training error is ${formatError(spec.error)}`);
    say(`  ${describeTask(spec.trial)}`);
    say(`  ${describeOptimizer(spec.trial)}`);
    say();
  }
  const { result, interrupted } = await watch(runtime, spec, json);
  if (result === undefined) {
    if (!json) say("\nStopped; nothing was written.");
    return interrupted ?? 1;
  }
  const seconds = (performance.now() - begun) / 1000;
  const facts = [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`]] as [string, string][];
  const contents = {
    "figure5.json": `${JSON.stringify(result, null, 2)}\n`,
    "figure5.csv": figure5Csv(result),
    "figure5.svg": `${logPlot(figure5Plot(result)).markup}\n`,
    "report.html": htmlPage(figure5Page(result, facts, footer(machine))),
  };
  const paths = Object.keys(contents).map((name) => resolve(directory, name));
  for (const [at, content] of Object.values(contents).entries()) await writeWholeFile(paths[at], content);
  const { quadratic, phi, overtaken } = result;
  if (json) {
    sayJson("result", { quadratic, phi, overtaken });
    sayJson("written", { files: paths });
  } else {
    say(`\n${describeQuadratic(result)}\n`);
    say(textTable(figure5Table(result)));
    say(`\n${figure5Outcome(result).join("\n")}`);
    say(`\n${formatDuration(seconds)} in all. Numbers, picture and page:\n${paths.join("\n")}`);
  }
  return 0;
}

/** Share of the whole time that the run takes, roughly, and of the rest where each solver's part begins. */
const RUN_SHARE = 0.9;
const BEGINS = { conjugateGradient: 0, powerIteration: 0.3, nesterov: 0.4 } as const;
const LENGTH = { conjugateGradient: 0.3, powerIteration: 0.1, nesterov: 0.6 } as const;
const NAMES = { conjugateGradient: "CG iteration", powerIteration: "power iteration", nesterov: "NAG iteration" } as const;
/** Milliseconds after which the event loop gets its turn, for signals and for drawing. */
const BREATH = 50;

/** Runs the study under a progress bar, or one JSON line an update, to its end or to a signal. */
async function watch(
  runtime: Runtime,
  spec: Figure5Spec,
  json: boolean,
): Promise<{ result?: Figure5Result; interrupted: number | undefined }> {
  const bars = json ? undefined : new ProgressBars(standardOutput(), [{ name: "HF", total: spec.trial.updates }]);
  const interrupt = new Interrupt(() => bars?.finish());
  const work = runFigure5(runtime, spec);
  let update = 0;
  const show = (progress: Figure5Progress): void => {
    if (progress.part === "comparison") {
      const { solver, step, of } = progress;
      const share = RUN_SHARE + (1 - RUN_SHARE) * (BEGINS[solver] + LENGTH[solver] * (step / of));
      bars?.advance(0, update, undefined, { share, detail: `${NAMES[solver]} ${step}` });
      return;
    }
    const { report, detail, share } = progress;
    if (report !== undefined) ({ update } = report);
    if (report !== undefined && json) sayJson("report", report);
    bars?.advance(0, update, report?.trainingError, { share: RUN_SHARE * share, detail });
  };
  try {
    for (let breathed = performance.now(); ; ) {
      if (performance.now() - breathed > BREATH) {
        await new Promise((resolve) => setImmediate(resolve));
        breathed = performance.now();
      }
      if (interrupt.happened) return { interrupted: interrupt.exitCode };
      const next = work.next();
      if (next.done) {
        bars?.advance(0, update, undefined, { share: 1 });
        return { result: next.value, interrupted: undefined };
      }
      show(next.value);
    }
  } finally {
    bars?.finish();
    interrupt.dispose();
  }
}
