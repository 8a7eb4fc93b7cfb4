import type { NesterovDescription } from "../optimizers/momentum/momentumDescriptions.js";
import { describeSchedule } from "../report/text/describeSchedule.js";
import { formatCount, formatRate } from "../report/text/format.js";
import { textTable } from "../report/text/table.js";
import { wrap } from "../report/text/wrap.js";
import { kindOf, type TaskName, taskNames } from "../tasks/index.js";
import { trialDefaults } from "../trials/defaults.js";
import { checkTrialSpec, type MinibatchTrialSpec } from "../trials/spec.js";
import { describeOptions } from "./terminal/options.js";
import { imageTaskOptions, methodOptions, sequenceTaskOptions, trainOptions } from "./trainOptions.js";

const kinds = taskNames.map((name) => kindOf({ name }));
const namesOf = (family: "feedForward" | "recurrent", between = "|"): string =>
  kinds.flatMap((kind) => (kind.family === family ? [kind.name] : [])).join(between);
const tasks = kinds.map((kind) => describeKind(kind)).join("\n");
const columns = ["task", "learning rate", "updates", "minibatch", "seed", "momentum"].map((title) => ({ title }));
const defaults = textTable({ columns, rows: kinds.map(({ name }) => rowOf(name)) });

/** `heavyball train --help`. */
export const trainHelp = `heavyball train ${namesOf("feedForward")} [options]
heavyball train ${namesOf("recurrent")} [options]
heavyball train SPEC.json | RECORD.json [options]
heavyball train --resume --out DIR

Trains the network of a task from an initialization that suits it, and prints its errors on
all that it was trained on and on what was held out, beside what answering without looking
at the inputs costs. A file holds a trial as data, like the spec.json of a run, or a record,
whose events (what was changed while it ran) are repeated too; options override it.

${tasks}

${describeOptions(trainOptions)}

Of ${namesOf("feedForward", ", ")}:

${describeOptions(imageTaskOptions)}

Of ${namesOf("recurrent", ", ")}:

${describeOptions(sequenceTaskOptions)}

Of single methods (--optimizer ...):

${describeOptions(methodOptions)}

Unless given, with --optimizer nesterov (not every starting point of a recurrent network
learns):

${defaults}

The paper tries 0.05, 0.01, 0.005, 0.001, 0.0005 and 0.0001 for autoencoders, and 0.001, 0.0001,
0.00001 and 0.000001 for the recurrent problems.

Ctrl-C stops between two updates, or inside a long one, which then counts as not begun:
errors and files are those of the updates made, the
exit code is 130, and with --out the run can go on later: --resume. A second Ctrl-C ends
at once. A run that was killed goes on from its last checkpoint.
`;

function describeKind(kind: (typeof kinds)[number]): string {
  const { name, files } = kind;
  const lines = [
    kind.describeNetwork(kind.check({ name })),
    ...(files === undefined ? [] : wrap(`--data: ${files.wanted}`, 80).split("\n")),
  ];
  return lines.map((line, at) => `  ${(at === 0 ? name : "").padEnd(16)}${line}`).join("\n");
}

function rowOf(task: TaskName): string[] {
  const { optimizer, updates, batchSize, seed } = checkTrialSpec(trialDefaults(task, "nesterov")) as MinibatchTrialSpec;
  const { learningRate, momentum } = optimizer as NesterovDescription;
  const isEq5 = typeof momentum === "object" && momentum.schedule === "sutskever";
  const rises = isEq5 ? `up to ${formatRate(momentum.max)} (Eq. 5)` : describeSchedule(momentum, updates);
  return [task, describeSchedule(learningRate, updates), formatCount(updates), formatCount(batchSize), String(seed), rises];
}
