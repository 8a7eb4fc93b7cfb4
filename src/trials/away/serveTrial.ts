import type { Runtime } from "../../createRuntime.js";
import { DisposedError } from "../../errors.js";
import type { TaskNetwork } from "../../tasks/task.js";
import type { TrialRecord } from "../record.js";
import { runTrial } from "../runTrial.js";
import type { RunTrialOptions, StartedTrial } from "../runTrialOptions.js";
import type { TrialChange } from "../trialEvent.js";
import { awayStore } from "./awayStore.js";
import type { AwayRuntime } from "./awayTypes.js";
import { Line, type Port } from "./line.js";
import { type AwayOrder, networkMethods, plainCallbacks, type StartNews } from "./order.js";

/** What a thread for trials does: runs the one it is ordered, and answers for its network meanwhile. */
export function serveTrial(port: Port): void {
  const controller = new AbortController();
  let network: TaskNetwork | undefined;
  let change: StartedTrial["change"] | undefined;

  const line: Line = new Line(port, (name, given) => {
    if (name === "run") return run(given[0] as AwayOrder);
    if (name === "abort") return controller.abort();
    if (name === "change") return change?.(given[0] as TrialChange);
    return askNetwork(network, given);
  });

  async function run({ spec, options, callbacks, place, isAborted }: AwayOrder): Promise<TrialRecord> {
    if (isAborted) controller.abort();
    const wants = (name: string): boolean => callbacks.includes(name);
    const tell = (name: string, news: unknown) => line.call("callback", name, news);
    const told = plainCallbacks.filter(wants).map((name) => [name, (news: unknown) => tell(name, news)]);
    const whole: RunTrialOptions = {
      ...options,
      ...Object.fromEntries(told),
      signal: controller.signal,
      store: place === undefined ? undefined : awayStore(line, place),
      async onStart(started) {
        ({ network, change } = started);
        const { spec, name, from, events, task, runtime } = started;
        const { description, layout } = network;
        const baseline = { name: task.baseline.name, ...task.baseline.measures };
        const facts = { spec, name, from, events, watched: task.watched, baseline, runtime: factsOf(runtime) };
        await tell("onStart", { ...facts, network: { description, layout } } satisfies StartNews);
      },
      async onEnd({ name, record, written }) {
        if (wants("onEnd")) await tell("onEnd", { name, record, written });
      },
    };
    return runTrial(spec, whole);
  }

  void line.call("hello");
}

function askNetwork(network: TaskNetwork | undefined, [method, ...given]: readonly unknown[]): unknown {
  const known = networkMethods.find((name) => name === method);
  if (network === undefined || known === undefined) throw new DisposedError("network");
  return (network[known] as (...given: readonly unknown[]) => unknown).apply(network, [...given]);
}

function factsOf({ threads, threadsReason, kernels, kernelsReason, wide }: Runtime): AwayRuntime {
  return { threads, threadsReason, kernels, kernelsReason, wide };
}
