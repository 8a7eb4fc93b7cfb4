import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "../node/fileStore.js";
import { KERNEL_CHOICES, numericsOf } from "../runtime/kernels.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import { checkTrialSpec } from "../trials/spec.js";
import { requireNoRun } from "../trials/storedRun.js";
import { checkOneOf } from "../validate.js";
import { requireSameTrial } from "./sameTrial.js";
import { requireNoData } from "./taskData.js";
import { UsageError } from "./terminal/options.js";
import { refusal, type TrainValues } from "./trainOptions.js";
import { type AskedTrial, readTrial, trainSpec } from "./trainSpec.js";

/** Options that a resumed run may be given; the others are those of its spec. */
const resumable = ["out", "resume", "json", "threads", "kernels", "checkpoint-seconds", "data"];

/**
 * The trial that a command line asks for: a new one, or with --resume the one in the directory. Changes nothing. Throws UsageError, and
 * what the library throws.
 */
export async function askedTrial(word: string | undefined, values: TrainValues): Promise<AskedTrial> {
  const asked = values.resume ? await resumedTrial(word, values) : trainSpec(word!, values);
  const { out } = values;
  // Asked last of all: an option that does not apply is refused with or without a directory.
  if (out === undefined && values["checkpoint-seconds"] !== undefined) {
    throw new UsageError("--checkpoint-seconds is about files, and needs a directory for them: --out DIR");
  }
  if (values.data === undefined) requireNoData(asked.spec.task);
  if (out !== undefined && !values.resume) await requireNoRun(fileStore(out));
  return asked;
}

/**
 * The trial in the directory of `--out`. Without a word it is that one. With one, the same command line may be given again and
 * again: it begins the run or goes on with it, and is refused when the directory holds another trial.
 */
async function resumedTrial(word: string | undefined, values: TrainValues): Promise<AskedTrial> {
  const { out } = values;
  const given = word === undefined ? undefined : trainSpec(word, values);
  if (out === undefined) throw new UsageError("--resume goes on with the run in a directory: say which with --out DIR");
  if (word === undefined) {
    const other = Object.keys(values).find((name) => !resumable.includes(name));
    if (other !== undefined) throw new UsageError(`--${other} cannot be given with --resume alone: the run in ${out} has its spec`);
  }
  const file = join(out, "spec.json");
  if (!existsSync(file)) {
    if (given === undefined) throw new UsageError(`${out} holds no run to go on with: it has no spec.json`);
    return given;
  }
  const spec = checkTrialSpec(readTrial(file).spec);
  if (given !== undefined) requireSameTrial(spec, given.spec, values, out);
  const refused = refusal(spec.task.name, spec.optimizer.method, Object.keys(values));
  if (refused !== undefined) throw new UsageError(refused);
  await requireKernels(values, out);
  return { spec, events: given?.events };
}

/** Throws UsageError for kernels other than those that made the run. */
async function requireKernels({ kernels }: TrainValues, out: string): Promise<void> {
  if (kernels === undefined) return;
  const asked = checkOneOf("--kernels", kernels, KERNEL_CHOICES);
  if (asked === "auto") return;
  const saved = (await findCheckpoint(fileStore(out))).found?.checkpoint.kernels;
  if (saved === undefined || saved === numericsOf(asked)) return;
  throw new UsageError(
    `--kernels is ${JSON.stringify(asked)}, and the run in ${out} has ${JSON.stringify(saved)}, which rounds differently; ` +
      "leave --kernels out, or begin another run with another --out",
  );
}
