import { join } from "node:path";
import { writeWholeFile } from "../node/wholeFile.js";
import { htmlPage } from "../report/page/page.js";
import { textTable } from "../report/text/table.js";
import type { Sweep, SweepResult } from "../sweeps/index.js";
import { chosenPath, describeSweep, sweepMarkdown, sweepPage } from "../sweeps/page/sweepPage.js";
import { cellsTable, trialsCsv, trialsTable } from "../sweeps/page/tables.js";
import { withRoomIn } from "../trials/noRoom.js";
import { say } from "./terminal/output.js";

/** What a sweep leaves beside its trials: itself. */
export const sweepName = "sweep.json";

/** Writes what came of a sweep; returns the paths. */
export async function writeResults(sweep: Sweep, result: SweepResult, out: string): Promise<string[]> {
  const contents = {
    [sweepName]: `${JSON.stringify(sweep, null, 2)}\n`,
    "results.csv": trialsCsv(result.rows),
    "results.md": sweepMarkdown(result),
    "report.html": htmlPage(sweepPage(sweep, result)),
  };
  const files = Object.entries(contents).map(([name, content]) => ({ path: join(out, name), content }));
  await withRoomIn(out, async () => {
    for (const { path, content } of files) await writeWholeFile(path, content);
  });
  return files.map(({ path }) => path);
}

/** The same for people. */
export function tellResult(result: SweepResult, files: readonly string[], out: string): void {
  const { rows, cells, isStopped } = result;
  if (cells.length > 0) say(`\n${textTable(cellsTable(cells, chosenPath(cells)))}`);
  else if (rows.length > 0) say(`\n${textTable(trialsTable(rows))}`);
  say(`\n${describeSweep(result).join("\n")}`);
  say(`\nWritten: ${files.join(", ")}`);
  if (isStopped) say(`To go on, give the same command again: what is in ${out} is not run again.`);
}
