import { lstatSync } from "node:fs";
import { InvalidOptionError } from "../../errors.js";
import { isDirectory } from "../../node/isDirectory.js";
import { sweepDirectory } from "../../node/sweepDirectory.js";
import { holdsSweep } from "../../node/sweepFormat.js";
import { formatCountOf } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { InvalidSweepError, type Keep, type RunSweepOptions, runSweep, type Sweep, type SweepResult } from "../../sweeps/index.js";
import { listedRows } from "../../sweeps/listedRows.js";
import { trialsTable } from "../../sweeps/page/tables.js";
import { outlineOf } from "../../sweeps/sweepOutline.js";
import { chooseExecutor } from "../executorOptions.js";
import { type SweepValues, sweepHelp, sweepOptions } from "../sweepOptions.js";
import { tellResult, writeResults } from "../sweepResults.js";
import { filesFor, requireTakers } from "../taskData.js";
import { Interrupt } from "../terminal/interrupt.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { complain, print, say, sayJson, standardOutput } from "../terminal/output.js";
import { ofSweep, readJson } from "../terminal/readJson.js";
import { SweepTable } from "../terminal/sweepTable.js";

/** `heavyball sweep`; returns the exit code. */
export async function sweepCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("sweep", sweepOptions, args);
  if (values.help) {
    print(sweepHelp);
    return 0;
  }
  const [word] = words;
  if (word === undefined) throw new UsageError("sweep what? Say: heavyball sweep SWEEP.json --out DIR, or heavyball sweep DIR to list one");
  if (words.length > 1) throw new UsageError(`sweep takes one file or directory, and is given ${words.length}: ${words.join(" ")}`);
  if (await isDirectory(word)) return list(word, values);
  if (isNowhere(word))
    throw new UsageError(`cannot read ${word}: there is no such file or directory; say heavyball sweep SWEEP.json --out DIR, or sweep DIR`);
  const { out } = values;
  if (out === undefined) throw new UsageError(`a sweep needs a directory for its trials: heavyball sweep ${word} --out DIR`);
  const file = readJson(word, ofSweep) as Sweep;
  const sweep = values.pilot === true && typeof file === "object" && file !== null ? { ...file, pilot: file.pilot ?? {} } : file;
  try {
    return await run(sweep, out, values);
  } catch (error) {
    if (error instanceof InvalidSweepError) throw new UsageError(`${word}: ${error.message}`);
    throw error instanceof InvalidOptionError ? error.renamed(optionOf) : error;
  }
}

/** Parts of the library's calls by their options. */
function optionOf(path: string): string {
  const name = { checkpointSeconds: "checkpoint-seconds", store: "out" }[path] ?? path;
  return Object.hasOwn(sweepOptions, name) ? `--${name}` : path;
}

async function run(sweep: Sweep, out: string, values: SweepValues): Promise<number> {
  const { json = false, only, repair = false } = values;
  const { total, tasks } = outlineOf(sweep);
  const { executor, server } = chooseExecutor("sweep", values);
  requireTakers(tasks, values.data);
  const data = await filesFor(tasks, values.data);
  const table = json ? undefined : new SweepTable(standardOutput());
  const interrupt = new Interrupt(() => table?.finish());
  const by = server === undefined ? "" : `, run by the workers of ${server.place}`;
  if (json) sayJson("sweep", { trials: total, out, ...(server === undefined ? {} : { queue: server.place }) });
  else say(`${formatCountOf(total, "trial")}, kept in ${out}${by}`);
  let result: SweepResult;
  try {
    result = await runSweep(sweep, {
      executor,
      store: sweepDirectory(out),
      kernels: (values.kernels ?? "auto") as NonNullable<RunSweepOptions["kernels"]>,
      ...(data === undefined ? {} : { data }),
      ...(only === undefined ? {} : { only }),
      repair,
      keep: (values.keep ?? "all") as Keep,
      checkpointSeconds: values["checkpoint-seconds"] ?? 30,
      signal: interrupt.signal,
      onProgress: (progress) => table?.show(progress),
      onRow(row) {
        table?.end(row);
        if (json) sayJson("row", row);
      },
      onTrouble(sentence) {
        table?.finish();
        complain(sentence);
      },
    });
  } finally {
    table?.finish();
    interrupt.dispose();
  }
  const files = await writeResults(sweep, result, out);
  if (json) {
    const { rows: _, ...rest } = result;
    sayJson("result", {
      ...rest,
      cells: result.cells.map(({ id, name, measure, best, isComplete }) => ({
        id,
        name,
        measure,
        best: best && { value: best.coordinate?.value, error: best.error },
        isComplete,
      })),
    });
    sayJson("written", { files });
  } else tellResult(result, files, out);
  return exitCode(result, interrupt.exitCode);
}

/** Whether nothing is there; what is there and cannot be read is told by what reads it. */
function isNowhere(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Trials that diverged are results; others that came to no end are told by the exit code. */
function exitCode({ rows, isStopped }: SweepResult, interrupted: number | undefined): number {
  if (isStopped) return interrupted ?? 1;
  const failed = rows.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return 0;
  const [{ key, failure }] = failed;
  const first = key === "" ? "the first" : `the first, ${key.slice(0, 12)}`;
  const areDamaged = failed.filter(({ state }) => state === "damaged").length;
  const parts = [
    ...(failed.length > areDamaged ? [`${formatCountOf(failed.length - areDamaged, "trial")} failed`] : []),
    ...(areDamaged > 0 ? [`${formatCountOf(areDamaged, "trial")} ${areDamaged === 1 ? "is" : "are"} damaged`] : []),
  ];
  complain(`${parts.join(" and ")}, ${first}: ${failure?.message}`);
  return 1;
}

/** What is in the directory of sweeps. */
async function list(directory: string, values: SweepValues): Promise<number> {
  const other = Object.keys(values).find((name) => name !== "json");
  if (other !== undefined) throw new UsageError(`--${other} does not apply to a directory, which is listed; to run a sweep give its file`);
  const { trials, troubles } = await sweepDirectory(directory).list();
  if (trials.size === 0 && !(await holdsSweep(directory)))
    throw new UsageError(`${directory} holds no sweep to list; to run one in it: heavyball sweep SWEEP.json --out ${directory}`);
  const rows = listedRows(trials.values());
  for (const sentence of troubles) complain(sentence);
  if (values.json === true) {
    for (const row of rows) sayJson("row", row);
    return troubles.length > 0 ? 1 : 0;
  }
  if (rows.length > 0) say(`${textTable(trialsTable(rows))}\n`);
  const count = (state: string): number => [...trials.values()].filter((trial) => trial.state === state).length;
  const parts = [
    `${formatCountOf(count("ended"), "trial")} ended`,
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
    ...(count("begun") > 0 ? [`${count("begun")} begun, which go on when their sweep is run again`] : []),
    ...(count("damaged") > 0 ? [`${count("damaged")} with damaged records`] : []),
  ];
  say(`${parts.join(", ")}.`);
  for (const row of rows.filter(({ failure }) => failure !== undefined))
    say(`${row.key.slice(0, 12)} ${row.state}: ${row.failure?.message}`);
  return troubles.length > 0 ? 1 : 0;
}
