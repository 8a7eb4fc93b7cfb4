import type { Page } from "../../report/page/page.js";
import { heatMap, heatMapRow, heatMapSection } from "../../report/plot/hiddenStates.js";
import { pictureFile } from "../../report/plot/pictureFile.js";
import { csvText } from "../../report/text/csvText.js";
import { formatCountOf, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { describeInitialization, describeNetwork, describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import { allHold, statementTable, verdict } from "../statement.js";
import type { StudyFacts } from "../study.js";
import type { Figure3Picture, Figure3PictureName, Figure3Result } from "./figure3.js";
import { figure3OptionTable, figure3Paper } from "./spec.js";

export const figure3Title = "Figure 3: hidden states over time, and the output bias";

const pictureNames: readonly Figure3PictureName[] = ["start", "meanBias", "zeroBias"];

function captionOf(picture: Figure3Picture): string {
  return `${picture.updates === 0 ? "" : `${formatCountOf(picture.updates, "update")}, `}${shortCaptionOf(picture)}`;
}

function shortCaptionOf({ updates, outputBias }: Figure3Picture): string {
  return updates === 0 ? "at the start" : `output bias from ${formatRate(outputBias)}`;
}

/** The figure: three heat maps of one sequence, time downward. */
function figure(result: Figure3Result) {
  const pictures = pictureNames.map((name) => result.pictures[name]);
  const [{ states }] = pictures;
  const [steps, hidden] = [states.length, states[0].length];
  const maps = pictures.map((picture) =>
    heatMap({ values: Float32Array.from(picture.states.flat()), steps, cases: 1, hidden, lengths: [steps] }, 0),
  );
  return heatMapSection({
    title: "One sequence, three networks",
    caption:
      `Time runs downward over the ${steps} steps of one held-out sequence, and the ${formatCountOf(hidden, "unit")} lie side by side. ` +
      "Blue is negative, orange positive; the scale is that of the square root, so that small states show.",
    width: hidden,
    height: steps,
    rows: [heatMapRow("Hidden states over time", maps, pictures.map(captionOf))],
  });
}

/** The figure as a file. */
export function figure3Svg(result: Figure3Result): string {
  const { title, pictures } = figure(result);
  return `${pictureFile(title, pictures).markup}\n`;
}

/** Every measure of every picture. */
export function figure3Table({ pictures }: Figure3Result): Table {
  const right = (title: string) => ({ title, align: "right" as const });
  return {
    columns: [
      { title: "Picture" },
      right("Size"),
      right("Change a step"),
      right("Spread over sequences"),
      right("Difference from the start"),
      right("Largest difference"),
    ],
    rows: pictureNames.map((name) => {
      const { size, oscillation, spread, difference, largestDifference } = pictures[name].numbers;
      return [shortCaptionOf(pictures[name]), ...[size, oscillation, spread, difference, largestDifference].map(formatError)];
    }),
  };
}

/** What came of it, in one sentence. */
export function figure3Outcome({ pictures: { start, meanBias, zeroBias } }: Figure3Result): string {
  return (
    `A hidden unit changes by ${formatError(start.numbers.oscillation)} from step to step at the start, by ` +
    `${formatError(meanBias.numbers.oscillation)} after training from the mean target as output bias, and by ` +
    `${formatError(zeroBias.numbers.oscillation)} after training from an output bias of 0.`
  );
}

export function figure3Page(result: Figure3Result, { facts, footer }: StudyFacts): Page {
  const { spec, cases, steps, pictures, numerics, kernelVariant } = result;
  const { trial } = spec;
  const { difference, largestDifference } = pictures.meanBias.numbers;
  return {
    title: figure3Title,
    lead: `${verdict(result)} ${figure3Outcome(result)}`,
    sections: [
      figure(result),
      {
        kind: "prose",
        title: "What to see",
        paragraphs: [
          "The paper shows the same three pictures: at the start the units oscillate gently; after 1,000 updates with the output bias at " +
            `the mean target the picture is the same to the eye, with differences of about ${figure3Paper.difference}; after as many ` +
            "with the output bias at 0 far fewer oscillations remain.",
          "Why it should be so: with the bias at 0 the first gradients ask for a larger output whatever was read, and the hidden states " +
            "bend to that instead of carrying what was read. With the bias at the mean target the gradients of different sequences " +
            "point different ways, and little changes until there is something to learn.",
          `${allHold(result) ? "Here" : "It did not come out so here, as the table below says:"} the second picture differs from the ` +
            `first by ${formatError(difference)}, root mean square, and by ${formatError(largestDifference)} ` +
            "at most. The paper names neither its learning rate nor its seed, and both decide: at " +
            "higher rates, and from most starting points, the states lose most of what was read with either bias. Seed " +
            `${figure3OptionTable.seed.standard}, which stands here unless another is asked for, was taken because its states do not.`,
        ],
      },
      {
        kind: "table",
        title: "What was found",
        table: statementTable(result),
        caption: "Verdicts are computed from the states; statements.csv says what each number is.",
      },
      {
        kind: "table",
        title: "Numbers",
        table: figure3Table(result),
        caption:
          `Root mean squares over ${formatCountOf(cases, "sequence")}, their first ${steps} steps and all units: of the states, of their ` +
          "change from one step to the next, of what is left of them without the mean over sequences, of their difference from those at " +
          "the start, and the largest of these differences.",
      },
      {
        kind: "facts",
        title: "Settings",
        facts: [
          ["Network", describeNetwork(trial)],
          ["Task", describeTask(trial)],
          ["Optimizer", describeOptimizer(trial)],
          ["Initialization", describeInitialization(trial)],
          ["Numerics", `${numerics}, kernels ${kernelVariant}`],
          ...facts,
        ],
      },
      { kind: "data", title: "What was run", caption: "The study as data.", values: [{ name: "figure3", value: spec }] },
    ],
    footer,
  };
}

/** The numbers of the pictures, all digits. */
export function figure3Csv({ pictures }: Figure3Result): string {
  const measures = ["size", "oscillation", "spread", "difference", "largestDifference"] as const;
  return csvText(
    ["picture", "updates", "outputBias", ...measures],
    pictureNames.map((name) => {
      const { updates, outputBias, numbers } = pictures[name];
      return [name, updates, outputBias, ...measures.map((measure) => numbers[measure])];
    }),
  );
}

/** The states of the sequence that is shown: a line a step of each picture, a column a unit. */
export function statesCsv({ pictures }: Figure3Result): string {
  const units = pictures.start.states[0].map((_, unit) => `unit${unit}`);
  return csvText(
    ["picture", "step", ...units],
    pictureNames.flatMap((name) => pictures[name].states.map((row, step) => [name, step, ...row])),
  );
}
