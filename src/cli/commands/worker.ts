import { InvalidOptionError } from "../../errors.js";
import { dataFiles } from "../../node/dataFiles.js";
import { runWorker, type WorkerOptions } from "../../queue/runWorker.js";
import type { WorkerEvent } from "../../queue/workerEvents.js";
import { formatCountOf } from "../../report/text/format.js";
import { connectionOf, queueServer } from "../queueAddress.js";
import { Interrupt } from "../terminal/interrupt.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { complain, print, say, sayJson } from "../terminal/output.js";
import { workerHelp, workerOptions } from "../workerOptions.js";

/** `heavyball worker`; returns the exit code. */
export async function workerCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("worker", workerOptions, args);
  if (values.help) {
    print(workerHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError("worker takes options alone; its server is that of --queue URL");
  const { queue, jobs, threads, kernels, data, out, json = false, "lost-after": lostAfter } = values;
  if (queue === undefined) throw new UsageError("a worker needs a server: heavyball worker --queue redis://host");
  const connection = connectionOf(queueServer("worker", queue));
  const interrupt = new Interrupt();
  try {
    const summary = await runWorker({
      connection,
      ...(jobs === undefined ? {} : { jobs }),
      ...(threads === undefined ? {} : { threads }),
      kernels: (kernels ?? "auto") as NonNullable<WorkerOptions["kernels"]>,
      ...(data === undefined ? {} : { data: dataFiles(data) }),
      ...(out === undefined ? {} : { directory: out }),
      ...(lostAfter === undefined ? {} : { lostAfter }),
      signal: interrupt.signal,
      onReady({ place, jobs, threads }) {
        if (json) sayJson("ready", { place, jobs, threads });
        else say(`worker on ${place}: ${formatCountOf(jobs, "trial")} at a time, ${formatCountOf(threads, "thread")} each`);
      },
      onEvent(event) {
        if (json) sayJson("trial", event);
        else say(describeEvent(event));
      },
      onTrouble: complain,
    });
    const { ended, failed, stopped, lost } = summary;
    if (json) sayJson("summary", summary);
    else say(`${formatCountOf(ended, "trial")} ended, ${failed} failed, ${stopped} given back, ${lost} taken over by others`);
    return interrupt.exitCode ?? 0;
  } catch (error) {
    throw error instanceof InvalidOptionError ? error.renamed(optionOf) : error;
  } finally {
    interrupt.dispose();
  }
}

/** "0f0ec1ad  ended: all 2000 updates were made" */
function describeEvent({ key, state, message }: WorkerEvent): string {
  return `${key.slice(0, 8)}  ${state}: ${message}`;
}

/** Parts of the library's calls by their options. */
function optionOf(path: string): string {
  const name = { directory: "out", lostAfter: "lost-after" }[path] ?? path;
  return Object.hasOwn(workerOptions, name) ? `--${name}` : path;
}
