import type { EndedTrial, Report, Runtime } from "heavyball";
import { machineFacts } from "#internal/runtime/machineFacts";
import type { PreparedTask } from "#internal/tasks/task";
import { trialRecord } from "#internal/trials/record";
import type { Trial } from "#internal/trials/trial";

/** A trial that has ended after these reports, all of which count as measured; with `failure`, one that has diverged. */
export function endTrial(
  name: string,
  trial: Trial,
  task: PreparedTask,
  runtime: Runtime,
  reports: readonly Report[],
  failure?: string,
): EndedTrial {
  const { spec, network, changes } = trial;
  const last = reports[reports.length - 1];
  const end =
    failure === undefined
      ? { code: "finished" as const, message: `all ${last.update} updates were made` }
      : { code: "diverged" as const, message: failure };
  const final = failure === undefined ? task.measure(network) : undefined;
  const record = trialRecord({ spec, end, reports, last, changes, kernels: runtime.kernels, machine: machineFacts(runtime) }, task, final);
  return { name, record, task, network, runtime, written: [] };
}
