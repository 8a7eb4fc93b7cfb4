import { formatRate } from "../report/text/format.js";
import { kindOf, taskNames } from "../tasks/index.js";
import { describeOptions } from "./terminal/options.js";
import { imageTaskOptions, methodOptions, sequenceTaskOptions, trainOptions } from "./trainOptions.js";

const kinds = taskNames.map((name) => kindOf({ name }));
const namesOf = (family: "feedForward" | "recurrent"): string =>
  kinds.flatMap((kind) => (kind.family === family ? [kind.name] : [])).join("|");
const rates = kinds
  .map(({ name, defaults: { learningRate, seed } }) => `  ${name.padEnd(16)}${formatRate(learningRate).padEnd(12)}${seed}`)
  .join("\n");

/** `heavyball train --help`. */
export const trainHelp = `heavyball train ${namesOf("feedForward")} [options]
heavyball train ${namesOf("recurrent")} [options]
heavyball train SPEC.json [options]
heavyball train --resume --out DIR

Trains the CURVES autoencoder, 784-400-200-100-50-25-6 and its mirror image, from a sparse
initialization and prints its squared error on all training and test images; or a
recurrent network of tanh units, from an echo-state initialization, on one of the problems
with long-term dependencies, and prints its zero-one error on held-out sequences beside
that of the biases alone. A file holds a trial as data, like the spec.json of a run;
options override it.

${describeOptions(trainOptions)}

Images only:

${describeOptions(imageTaskOptions)}

Recurrent problems only:

${describeOptions(sequenceTaskOptions)}

Of single methods (--optimizer ...):

${describeOptions(methodOptions)}

Learning rates and seeds unless given (not every starting point of a recurrent network learns):

${rates}

The paper tries 0.05, 0.01, 0.005, 0.001, 0.0005 and 0.0001 for autoencoders, and 0.001, 0.0001,
0.00001 and 0.000001 for the recurrent problems.

Ctrl-C stops between two updates, or inside a long one, which then counts as not begun:
errors and files are those of the updates made, the
exit code is 130, and with --out the run can go on later: --resume. A second Ctrl-C ends
at once. A run that was killed goes on from its last checkpoint.
`;
