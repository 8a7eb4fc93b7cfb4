import { type Json, present, withPaths } from "../boundary/paths.js";
import { methodNamed } from "../optimizers/index.js";
import { kindOf, type TaskName } from "../tasks/index.js";
import { UsageError } from "./terminal/options.js";
import { givenOf, type TrainValues } from "./trainOptions.js";

/** Momentum of a final phase, the paper's. */
const finalMomentum = 0.9;

/** The optimizer of a spec, `start`, with what the options ask for in place of what it says. Throws UsageError. */
export function changeOptimizer(task: TaskName, start: Json, given: TrainValues): Json {
  const name = given.optimizer ?? start.method;
  // Another name than a method's is for the spec's check to refuse.
  const method = methodNamed(name);
  const asked = givenOf(method?.options ?? [], given).flatMap(({ path, value }) => {
    return path.startsWith("optimizer.") ? [{ path: path.slice("optimizer.".length), value }] : [];
  });
  const shared = present({ learningRate: given["learning-rate"], weightDecay: given["weight-decay"] });
  const change = method?.network?.change;
  if (change !== undefined) return change(start, { ...shared, ...Object.fromEntries(asked.map(({ path, value }) => [path, value])) });
  const { momentum, ...rest } = start;
  const changed = withPaths({ ...rest, method: name, ...shared }, asked);
  const standard = kindOf({ name: task }).momentum();
  const hasMomentum = method === undefined || method.network?.start({ learningRate: 1, momentum: standard }).momentum !== undefined;
  if (hasMomentum) return { ...changed, momentum: changeMomentum(task, momentum ?? standard, given) };
  const meaningless = (["momentum-max", "period", "final-updates"] as const).some((option) => given[option] !== undefined);
  if (meaningless) {
    throw new UsageError(
      `--momentum-max, --period and --final-updates have no meaning with --optimizer ${method.name}, which has no momentum`,
    );
  }
  return changed;
}

/** The momentum that the options ask for, made from the one there is. */
function changeMomentum(task: TaskName, momentum: unknown, given: TrainValues): unknown {
  const { "momentum-max": maximum, period, "final-updates": finalUpdates } = given;
  const isAsked = maximum !== undefined || period !== undefined;
  if (!isAsked && finalUpdates === undefined) return momentum;
  const before = typeof momentum === "number" ? { schedule: "constant", value: momentum } : (momentum as Json);
  const final = finalUpdates === undefined ? before.final : { updates: finalUpdates, value: finalMomentum };
  const asked = present({ maximum, period }) as { maximum?: number; period?: number };
  return { ...(isAsked ? kindOf({ name: task }).momentum(asked, before) : before), ...present({ final }) };
}
