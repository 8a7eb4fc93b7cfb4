import type { SpecOption } from "../../options.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";

/** What the kinds of the addition and the multiplication problem share. */

export const markedOptions: readonly SpecOption[] = [
  {
    name: "no-flags",
    kind: "flag",
    help: "addition, multiplication: without the -1 marks at the start and\nnear the end of a sequence",
    path: "task.flags",
    sets: false,
  },
  {
    name: "no-centering",
    kind: "flag",
    help: "addition, multiplication: values in [0, 1), not [-0.5, 0.5)",
    path: "task.centered",
    sets: false,
  },
];

/** How long the sequences are, and which readings were chosen that are not the default. */
export function describeMarkedSequences(task: { readonly length: number; readonly flags: boolean; readonly centered: boolean }): string[] {
  const { length, flags, centered } = task;
  const longest = Math.floor((length * 11) / 10);
  return [
    longest > length ? `${formatCount(length)} to ${formatCountOf(longest, "step")}` : formatCountOf(length, "step"),
    ...(flags ? [] : ["without -1 marks"]),
    ...(centered ? [] : ["values not centered"]),
  ];
}

export const markedSequencesExplanation =
  "The answer depends on two numbers read in the first half of the sequence, so what is learned must survive many steps. " +
  "The error first stays at that of the biases alone (the dotted lines), for as long as nothing that was read reaches the end; it " +
  "falls once some of it does.";
