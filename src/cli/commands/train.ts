import { join } from "node:path";
import { fileStore } from "../../node/fileStore.js";
import { methodOf } from "../../optimizers/index.js";
import { htmlPage } from "../../report/page/page.js";
import { formatCount } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { machineFacts } from "../../runtime/machineFacts.js";
import { taskNames } from "../../tasks/index.js";
import { describeKernels } from "../../trials/page/describeMachine.js";
import { describeEvent, describeInitialization, describeNetwork, describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import { resultTable } from "../../trials/page/resultTable.js";
import { trialPage } from "../../trials/page/trialPage.js";
import type { TrialRecord } from "../../trials/record.js";
import { runTrial } from "../../trials/runTrial.js";
import type { EndedTrial, StartedTrial } from "../../trials/runTrialOptions.js";
import { checkPositive } from "../../validate.js";
import { askedTrial } from "../askedTrial.js";
import { goingOn } from "../goingOn.js";
import { wideLines } from "../kernelLines.js";
import { readTaskData } from "../taskData.js";
import { Interrupt } from "../terminal/interrupt.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { complain, nobodyReads, print, say, sayJson, standardOutput } from "../terminal/output.js";
import { TrialBars } from "../terminal/trialBars.js";
import { trainHelp } from "../trainHelp.js";
import { allOptions, type TrainValues } from "../trainOptions.js";
import { type AskedTrial, nameOption } from "../trainSpec.js";

/** `heavyball train`; returns the exit code. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const { values: given, words } = parseOptions("train", allOptions, args);
  const values = given as TrainValues;
  if (values.help) {
    print(trainHelp);
    return 0;
  }
  if (words.length === 0 && !values.resume) {
    const [first, ...others] = taskNames;
    throw new UsageError(`train what? Say: heavyball train ${first}, or ${others.join(", ")} or a SPEC.json`);
  }
  if (words.length > 1) throw new UsageError(`train takes one task or file, and is given ${words.length}: ${words.join(" ")}`);
  const begun = performance.now();
  checkPositive("--checkpoint-seconds", values["checkpoint-seconds"] ?? 30);
  const asked = await askedTrial(words[0], values);
  try {
    return await train(asked, values, begun);
  } catch (error) {
    throw nameOption(error, asked.spec.task.name);
  }
}

/** Runs the trial, telling a person or a program what comes of it. */
async function train({ spec, events }: AskedTrial, values: TrainValues, begun: number): Promise<number> {
  const { threads, kernels, out, data, resume, json = false } = values;
  let bars: TrialBars | undefined;
  const name = methodOf(spec.optimizer).label;
  const interrupt = new Interrupt(() => bars?.finish());
  try {
    const record = await runTrial(spec, {
      runtime: { threads, kernels: kernels as "auto" | undefined },
      data: data === undefined ? undefined : await readTaskData(spec.task, data),
      store: out === undefined ? undefined : fileStore(out),
      events,
      resume: resume === true,
      checkpointSeconds: values["checkpoint-seconds"] ?? 30,
      signal: interrupt.signal,
      onStart: (started) => {
        tellStart(started, values);
        if (!json) bars = new TrialBars(standardOutput(), [name]);
      },
      onReport: (report) => {
        if (json) sayJson("report", { name, ...report });
      },
      onProgress: (progress) => bars?.show([progress]),
      onTrouble: complain,
      async onMeasure() {
        bars?.finish();
        // Measuring is one long piece of work with no pause in which a signal could be heard: from here on signals end the process, as they
        // do by default.
        await interrupt.settle();
        interrupt.dispose();
      },
      onEnd: (ended) => tellEnd(ended, values, begun),
    });
    return exitCode(record, values, interrupt.exitCode);
  } finally {
    bars?.finish();
    interrupt.dispose();
  }
}

/** What is about to be done. */
function tellStart({ spec, events, task, runtime, from, name }: StartedTrial, { json, kernels }: TrainValues): void {
  const machine = machineFacts(runtime);
  const { name: baseline, measures } = task.baseline;
  if (json) {
    sayJson("trial", {
      name,
      spec,
      ...(events.length === 0 ? {} : { events }),
      machine,
      kernelsReason: runtime.kernelsReason,
      from,
      baseline: { name: baseline, ...measures },
      ...task.facts,
    });
    return;
  }
  say(`heavyball ${machine.heavyball}, ${describeKernels(runtime)}, threads: ${runtime.threads} (${runtime.threadsReason})`);
  for (const line of wideLines(runtime, kernels)) say(line);
  say(describeNetwork(spec));
  say(`  ${describeTask(spec)}`);
  say(`  ${name}: ${describeOptimizer(spec)}`);
  for (const event of events) say(`    from update ${formatCount(event.update)} on: ${describeEvent(event, spec.updates)}`);
  say(`  initialization: ${describeInitialization(spec)}`);
  for (const remark of task.remarks) say(`  ${remark}`);
  say();
  if (from > 0) say(`Going on after update ${formatCount(from)}.\n`);
}

/** What came of it; with a directory, the page too. */
async function tellEnd(ended: EndedTrial, values: TrainValues, begun: number): Promise<void> {
  const { name, record, task, store, written } = ended;
  const { json, out } = values;
  if (json) {
    const { update, seconds, casesProcessed, conjugateGradientSteps, final, best, baseline, end, spec } = record;
    const numbers = { update, updates: spec.updates, seconds, casesProcessed, conjugateGradientSteps };
    sayJson("outcome", { name, ...numbers, ...final, best, baseline, end });
  }
  if (store !== undefined && out !== undefined) {
    const page = trialPage([ended], { seconds: (performance.now() - begun) / 1000 });
    await store.write("report.html", htmlPage(page));
    const files = [...written, "report.html"].map((file) => join(out, file));
    if (json) sayJson("written", { files });
    else say(`\nWritten: ${files.join(", ")}`);
  }
  if (json) return;
  say(`\n${textTable(resultTable([ended], task))}`);
  const lines = record.best === undefined ? [] : task.summary(record.best);
  if (lines.length > 0) say(`\n${lines.join("\n")}`);
}

function exitCode({ end, update, spec }: TrialRecord, { json, out, data }: TrainValues, interrupted: number | undefined): number {
  if (end.code === "diverged") {
    complain(end.message);
    return 1;
  }
  if (interrupted !== undefined && !json) {
    const goOn = out === undefined ? "" : ` To go on: ${goingOn(out, data)}`;
    say(`\nStopped after ${formatCount(update)} of ${formatCount(spec.updates)} updates; the errors are those of that moment.${goOn}`);
  }
  // Without files there is nothing to go on with: who had read enough has what there was.
  return interrupted === nobodyReads && out === undefined ? 0 : (interrupted ?? 0);
}
