import { Runtime } from "../createRuntime.js";
import { InvalidOptionError } from "../errors.js";
import { runTrial } from "../trials/runTrial.js";
import type { Executor } from "./executor.js";
import { SweepData } from "./sweepData.js";

/**
 * Runs the trials of a sweep one after another in this thread, on a runtime that stays as it is: for pages, whose workers have no
 * processes, and for a trial on the whole team. Data from files are read once.
 *
 * @throws InvalidOptionError for what is no runtime
 */
export function inlineExecutor(runtime: Runtime): Executor {
  if (!(runtime instanceof Runtime)) throw new InvalidOptionError("runtime", runtime, "one that createRuntime made");
  return {
    kernels: runtime.kernels,
    async open({ store, data, checkpointSeconds }) {
      const ready = new SweepData(data);
      return {
        jobs: 1,
        async run({ key, spec, signal, onProgress, onTrouble }) {
          const record = await runTrial(spec, {
            runtime,
            store: store.run(key),
            resume: true,
            // What somebody has changed by hand is not the trial of its key.
            events: [],
            checkpointSeconds,
            signal,
            onProgress,
            onTrouble,
            data: await ready.of(spec.task),
          });
          return record.end;
        },
        async close() {},
      };
    },
  };
}
