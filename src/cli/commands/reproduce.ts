import { join, resolve } from "node:path";
import { nearest } from "../../boundary/nearest.js";
import { createRuntime, type Runtime } from "../../createRuntime.js";
import { AbortedError, InvalidOptionError } from "../../errors.js";
import { makeDirectory } from "../../node/makeDirectory.js";
import { writeWholeFile } from "../../node/wholeFile.js";
import { formatDuration } from "../../report/text/format.js";
import { ProgressBars } from "../../report/text/progressBars.js";
import { enumerate } from "../../report/text/words.js";
import { hostFacts, machineFacts } from "../../runtime/machineFacts.js";
import { type StudyName, studyNamed, studyNames } from "../../studies/index.js";
import { plannedStudies } from "../../studies/planned.js";
import { renderStudy, runStudy, type StudyOutcome } from "../../studies/runStudy.js";
import type { Study, StudyProgress } from "../../studies/study.js";
import { describeKernels, describeMachine, footer } from "../../trials/page/describeMachine.js";
import { everyOption, optionsOf, reproduceHelp, runtimeOptions, studyHelp } from "../reproduceOptions.js";
import { Interrupt } from "../terminal/interrupt.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { print, say, sayJson, standardOutput } from "../terminal/output.js";

type Given = Readonly<Record<string, number | string | true | undefined>>;

/** `heavyball reproduce`: any study of the registry; returns the exit code. */
export async function reproduceCommand(args: readonly string[]): Promise<number> {
  const parsed = parseOptions("reproduce", everyOption, args);
  const given: Given = parsed.values;
  if (given.help && parsed.words.length === 0) {
    print(reproduceHelp());
    return 0;
  }
  const name = checkName(parsed.words);
  const study = studyNamed(name);
  if (given.help) {
    print(studyHelp(study));
    return 0;
  }
  refuseOthers(study, given);
  const begun = performance.now();
  const { options, spec, runtime } = await prepare(study, given);
  try {
    const directory = (given.out as string | undefined) ?? join("heavyball-runs", name);
    makeDirectory(directory);
    return await reproduce({ name, options, spec, runtime, directory, json: given.json === true, begun });
  } finally {
    await runtime?.dispose();
  }
}

const known = `this version reproduces ${enumerate(studyNames)}`;

function checkName(words: readonly string[]): StudyName {
  const [name] = words;
  if (words.length > 1) throw new UsageError(`reproduce takes one table or figure, and is given ${words.length}: ${words.join(" ")}`);
  if (name === undefined) throw new UsageError(`reproduce what? T${known.slice(1)}: heavyball reproduce ${studyNames[0]}`);
  if ((studyNames as readonly string[]).includes(name)) return name as StudyName;
  if (plannedStudies.includes(name)) throw new UsageError(`reproduce does not know ${name} yet: ${known}`);
  const near = nearest(name, [...studyNames, ...plannedStudies]);
  throw new UsageError(
    `${JSON.stringify(name)} is not a table or figure of the paper; ${near === undefined ? known : `did you mean ${near}?`}`,
  );
}

/** An option of another study must not pass silently. */
function refuseOthers(study: Study, given: Given): void {
  const own = optionsOf(study);
  for (const flag of Object.keys(given)) {
    if (Object.hasOwn(own, flag)) continue;
    const others = studyNames.filter((name) => Object.hasOwn(optionsOf(studyNamed(name)), flag));
    throw new UsageError(`--${flag} is not an option of reproduce ${study.name}, but of ${enumerate(others)}; leave it out`);
  }
}

interface Prepared {
  readonly options: Readonly<Record<string, unknown>>;
  readonly spec: unknown;
  readonly runtime: Runtime | undefined;
}

/** Checks the options and makes the runtime; what is wrong is named as it was typed. */
async function prepare(study: Study, given: Given): Promise<Prepared> {
  const options = Object.fromEntries(Object.entries(study.options).map(([name, { flag }]) => [name, given[flag]]));
  const { threads, kernels } = given as { threads?: number; kernels?: "auto" };
  try {
    return { options, spec: study.check(options), runtime: study.usesRuntime ? await createRuntime({ threads, kernels }) : undefined };
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const { option, value, allowed } = error;
    const flag = Object.hasOwn(study.options, option) ? study.options[option].flag : option;
    if (flag === option && !Object.hasOwn(study.options, option) && !Object.hasOwn(runtimeOptions, option)) throw error;
    throw new InvalidOptionError(`--${flag}`, value, allowed);
  }
}

interface Run extends Prepared {
  readonly name: StudyName;
  readonly directory: string;
  readonly json: boolean;
  /** When the command began, in milliseconds. */
  readonly begun: number;
}

async function reproduce(run: Run): Promise<number> {
  const { name, spec, runtime, directory, json, begun } = run;
  const machine = runtime === undefined ? hostFacts() : machineFacts(runtime);
  if (json) sayJson("study", { ...(spec as object), machine });
  else {
    const team = runtime && `, ${describeKernels(runtime)}, threads: ${runtime.threads} (${runtime.threadsReason})`;
    say(`heavyball ${machine.heavyball}${team ?? ""}`);
    for (const line of studyNamed(name).announce(spec)) say(line);
    say();
  }
  const { outcome, exitCode } = await watch(run);
  if (outcome === undefined) {
    if (!json) say("\nStopped; nothing was written.");
    return exitCode;
  }
  const seconds = (performance.now() - begun) / 1000;
  const facts = [...describeMachine(machine), ["Time", `${formatDuration(seconds)} in all`] as const];
  const { files, summary } = renderStudy(outcome, { facts, footer: footer(machine) });
  const paths = Object.keys(files).map((file) => resolve(directory, file));
  for (const [at, content] of Object.values(files).entries()) await writeWholeFile(paths[at], content);
  if (json) {
    sayJson("result", outcome.result);
    sayJson("written", { files: paths });
  } else {
    say(`\n${summary.join("\n")}`);
    say(`\n${formatDuration(seconds)} in all. Numbers, pictures and page:\n${paths.join("\n")}`);
  }
  return outcome.holds ? 0 : 1;
}

/** Runs the study under a progress bar, or with a JSON line for every report of its trials, to its end or to a signal. */
async function watch({ name, options, runtime, json }: Run): Promise<{ outcome?: StudyOutcome; exitCode: number }> {
  const bars = json ? undefined : new ProgressBars(standardOutput(), [{ name }]);
  const interrupt = new Interrupt(() => bars?.finish());
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
    interrupt.dispose();
  }
}
