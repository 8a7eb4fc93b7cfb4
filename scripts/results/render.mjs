/** The pages of docs/results. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatCount, formatDuration, formatRate } from "../../dist/report/text/format.js";
import { markdownTable } from "../../dist/report/text/markdownTable.js";
import { studyNamed, studyNames } from "../../dist/studies/index.js";
import { renderStored } from "../../dist/studies/renderStored.js";
import { renderStudy } from "../../dist/studies/renderStudy.js";
import { orderingsTable, paperOrderings } from "../../dist/studies/tables/ordering.js";
import { budgetOf, byBudget, mergeTables } from "../../dist/studies/tables/mergedTable.js";
import { describeMachine } from "../../dist/trials/page/describeMachine.js";

const facts = { facts: [], footer: "Made from the records of docs/results by `npm run results`." };
/** A larger file is left out: its numbers are in computed/ too. */
const largest = 200_000;
const [begin, end] = ["<!-- results:begin (npm run results) -->", "<!-- results:end -->"];

/** Files of docs/results by path: README.md with what came out, and a directory for each study. */
export async function renderResults(directory, { runs, trials, computed }) {
  const files = {};
  const add = (name, rendering) => {
    for (const [file, content] of Object.entries(rendering.files)) {
      const isLeftOut = file === `${name}.json` || file === "report.html" || (file.endsWith(".csv") && content.length > largest);
      if (!isLeftOut) files[join(name, file)] = content;
    }
  };
  const figures = studyNames.filter((name) => Object.hasOwn(computed, name));
  const computedPages = figures.map((name) => {
    const rendering = renderStudy({ name, result: computed[name], holds: true }, facts);
    add(name, rendering);
    return { name, rendering, statements: computed[name].statements ?? [] };
  });
  const stored = await renderStored(runs, { trials }, facts);
  for (const { directory: name, study, rendering } of stored) {
    add(name, { files: Object.fromEntries(Object.entries(rendering.files).filter(([file]) => file !== `${study}.json`)) });
  }
  files["README.md"] = withGenerated(directory, readme(stored, computedPages, trials));
  return files;
}

/** The committed README with its part between the marks made anew. */
function withGenerated(directory, text) {
  const old = readFileSync(join(directory, "README.md"), "utf8");
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md of docs/results has no ${begin} ... ${end}`);
  return `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`;
}

const undecided =
  "Numbers of one seed decide when they are a hundredth apart; of several, when all of one side lie below all of the other, and of the " +
  'final phase, when every seed gains a tenth or more. "Not decided": trials are missing, or the same on both sides, seeds lie further ' +
  "apart than what is compared, single seeds less than a hundredth, a gain is less than a tenth, or neither side is better than " +
  "answering every case the same. Every comparison that could be made, with its numbers:";

function readme(stored, computedPages, trials) {
  const tables = stored.map((one) => ({ ...one, merged: mergeTables(byBudget(one.results)) }));
  return [
    "## What was run",
    markdownTable(runTable(tables)),
    machines(trials),
    "## What the paper says, in short",
    markdownTable(claimsTable(tables)),
    undecided,
    ...tables.flatMap(orderingsSection),
    "## Figures and statements",
    markdownTable(figuresTable(computedPages)),
  ].join("\n\n");
}

/** A line for every study and budget. */
function runTable(tables) {
  const right = (title) => ({ title, align: "right" });
  const titles = ["Share of the paper's updates", "Seeds", "First share of halving", "Complete cells", "Trials", "Time of updates"];
  return {
    columns: [{ title: "Study" }, ...titles.map(right)],
    rows: tables.flatMap(({ directory: name, results }) =>
      byBudget(results).map((result) => {
        const { fraction, seeds, pilot } = budgetOf(result);
        const share = `${formatRate(100 * fraction)} %`;
        const halving = pilot === 0 ? "all in full" : formatRate(pilot);
        return [
          `[${name}](${name}/${result.spec.study}.md)`,
          share,
          String(seeds),
          halving,
          cellsOf(result),
          trialsText(result.trials),
          formatDuration(result.trials.seconds),
        ];
      }),
    ),
  };
}

/** "784, 672 of them short": those that ended, and how many of them were in rounds of successive halving. */
function trialsText({ ended, inRounds }) {
  return inRounds === 0 ? formatCount(ended) : `${formatCount(ended)}, ${formatCount(inRounds)} of them short`;
}

/** "CURVES 10 of 10, MNIST 3 of 10": complete cells of rows that have some. */
function cellsOf({ cells }) {
  const rows = [...new Set(cells.map(({ row }) => row))].map((row) => ({ row, own: cells.filter((cell) => cell.row === row) }));
  const complete = (own) => own.filter(({ state }) => state === "complete").length;
  const texts = rows.filter(({ own }) => complete(own) > 0).map(({ row, own }) => `${row} ${complete(own)} of ${own.length}`);
  return texts.join(", ") || "none";
}

function machines(trials) {
  const texts = new Set([...trials.values()].map(({ record }) => describeMachine(record.machine).map(([, value]) => value).join("; ")));
  return `${formatCount(trials.size)} records, of ${[...texts].sort().join("; and of ")}.`;
}

/** What the issue of reproducing the paper asks for, by the words of the claims. */
const claims = [
  ["With a high maximum of the momentum NAG is at least as good as CM", "table1", /NAG is at least as good as CM/],
  ["A larger maximum is better than 0.9", "table1", /is better than (NAG|CM) 0\.9$/],
  ["Momentum is far better than SGD", "table1", /half the error of SGD/],
  ["The final phase lowers the error", "table2", /the final phase lowers/],
  ["The scale of the initialization is best at 1", "table3", /scale 1 has a lower error/],
  ["Smaller scales stay near the mean image", "table3", /stays near the error of the mean image/],
  ["Recurrent networks: momentum of 0.995 is better than none", "table5", /is better than mu_0 = 0/],
  ["Recurrent networks: NAG is better at 0.995 than at 0.9", "table5", /is better than NAG 0\.9$/],
  ["Recurrent networks: NAG is at least as good as CM at 0.995", "table5", /NAG is at least as good as CM/],
  ["Recurrent networks: NAG at 0.995 learns", "table5", /at most half the error of the biases/],
];

function claimsTable(tables) {
  const right = (title) => ({ title, align: "right" });
  return {
    columns: [{ title: "In the paper" }, { title: "Study" }, right("Found"), right("Not found"), right("Not decided")],
    rows: claims.flatMap(([text, study, words]) =>
      tables
        .filter((table) => table.study === study)
        .map(({ directory: name, merged }) => {
          const own = merged.orderings.filter(({ claim }) => words.test(claim));
          const count = (verdict) => String(own.filter((one) => one.verdict === verdict).length);
          return [text, name, count("found"), count("not found"), count("not decided")];
        }),
    ),
  };
}

function orderingsSection({ study, directory: name, rendering, merged }) {
  const updates = { title: "Updates", text: ({ budget }) => `${formatRate(100 * budget.fraction)} %` };
  const made = merged.orderings.filter(({ isMissing }) => !isMissing);
  const missing = merged.orderings.length - made.length;
  const rest = missing === 0 ? "" : ` ${formatCount(missing)} more want trials that are missing.`;
  return [
    `### ${rendering.page.title}`,
    ...(made.length === 0 ? [] : [markdownTable(orderingsTable(made, paperOrderings, [updates]))]),
    `[The table beside the paper's, every rate and every seed](${name}/${study}.md).${rest}`,
  ];
}

function figuresTable(pages) {
  return {
    columns: [{ title: "Study" }, { title: "Statements that hold" }, { title: "What came out" }],
    rows: pages.map(({ name, rendering, statements }) => [
      `[${name}](${name}/${name}.md)`,
      statements.length === 0 ? "-" : `${statements.filter(({ holds }) => holds).length} of ${statements.length}`,
      rendering.page.lead,
    ]),
  };
}
