import { join, resolve } from "node:path";
import { createRuntime, type Runtime } from "../createRuntime.js";
import { AbortedError } from "../errors.js";
import { makeDirectory } from "../node/makeDirectory.js";
import { writeWholeFile } from "../node/wholeFile.js";
import { formatDuration } from "../report/text/format.js";
import { ProgressBars } from "../report/text/progressBars.js";
import { hostFacts, machineFacts } from "../runtime/machineFacts.js";
import type { StudyName } from "../studies/index.js";
import { renderStudy } from "../studies/renderStudy.js";
import { runStudy, type StudyOutcome } from "../studies/runStudy.js";
import type { Computation, StudyProgress } from "../studies/study.js";
import { describeKernels, describeMachine, footer } from "../trials/page/describeMachine.js";
import { wideLines } from "./kernelLines.js";
import { standardDirectory } from "./prepareTrials.js";
import { type Given, type Reproduced, studyOptions } from "./studyGiven.js";
import type { Interrupt } from "./terminal/interrupt.js";
import { say, sayJson, standardOutput } from "./terminal/output.js";

interface Run {
  readonly study: Computation;
  readonly name: StudyName;
  readonly options: Readonly<Record<string, unknown>>;
  readonly runtime: Runtime | undefined;
  readonly kernels: string | undefined;
  readonly directory: string;
  readonly json: boolean;
  /** When it began, in milliseconds. */
  readonly begun: number;
  readonly interrupt: Interrupt;
}

/** `heavyball reproduce` of a study that computes. */
export async function reproduceComputation(study: Computation, name: StudyName, given: Given, interrupt: Interrupt): Promise<Reproduced> {
  const begun = performance.now();
  const options = studyOptions(study, given);
  const { threads, kernels } = given as { threads?: number; kernels?: "auto" };
  study.check(options);
  const runtime = study.usesRuntime ? await createRuntime({ threads, kernels }) : undefined;
  try {
    const directory = computationDirectory(name, given);
    makeDirectory(directory);
    return await reproduce({ study, name, options, runtime, kernels, directory, json: given.json === true, begun, interrupt });
  } finally {
    await runtime?.dispose();
  }
}

/** Where a study that computes writes. */
export function computationDirectory(name: StudyName, given: Given): string {
  return (given.out as string | undefined) ?? join(standardDirectory, name);
}

async function reproduce(run: Run): Promise<Reproduced> {
  const { study, options, runtime, directory, json, begun } = run;
  const spec = study.check(options);
  const machine = runtime === undefined ? hostFacts() : machineFacts(runtime);
  if (json) sayJson("study", { ...(spec as object), machine });
  else {
    const team = runtime && `, ${describeKernels(runtime)}, threads: ${runtime.threads} (${runtime.threadsReason})`;
    say(`heavyball ${machine.heavyball}${team ?? ""}`);
    if (runtime !== undefined) for (const line of wideLines(runtime, run.kernels)) say(line);
    for (const line of study.announce(spec)) say(line);
    say();
  }
  const { outcome, exitCode } = await watch(run);
  if (outcome === undefined) {
    if (!json) say("\nStopped; nothing was written.");
    return { exitCode };
  }
  const seconds = (performance.now() - begun) / 1000;
  const facts = [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`] as const];
  const { files, summary, page } = renderStudy(outcome, { facts, footer: footer(machine) });
  const paths = await writeFiles(directory, files);
  if (json) {
    sayJson("result", outcome.result);
    sayJson("written", { files: paths });
  } else {
    say(`\n${summary.join("\n")}`);
    say(`\n${formatDuration(seconds)} in all. Numbers, pictures and page:\n${paths.join("\n")}`);
  }
  return { exitCode: outcome.holds ? 0 : 1, page: { ...page, path: paths.at(-1)! } };
}

/** Writes the files of a study; returns their paths. */
export async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const paths = Object.keys(files).map((file) => resolve(directory, file));
  for (const [at, content] of Object.values(files).entries()) await writeWholeFile(paths[at], content);
  return paths;
}

/** Runs the study under a progress bar, or with a JSON line for every report of its trials, to its end or to a signal. */
async function watch({ name, options, runtime, json, interrupt }: Run): Promise<{ outcome?: StudyOutcome; exitCode: number }> {
  const bars = json ? undefined : new ProgressBars(standardOutput(), [{ name }]);
  interrupt.beforeExit = () => bars?.finish();
  const onProgress = ({ share, detail, report }: StudyProgress): void => {
    if (report !== undefined && json) sayJson("report", report);
    bars?.reach(0, share, detail);
  };
  try {
    const outcome = await runStudy(name, options, { runtime, signal: interrupt.signal, onProgress });
    bars?.reach(0, 1, "");
    return { outcome, exitCode: 0 };
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    return { exitCode: interrupt.exitCode ?? 1 };
  } finally {
    bars?.finish();
  }
}
