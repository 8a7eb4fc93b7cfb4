import { join } from "node:path";
import { nearest } from "../../boundary/nearest.js";
import { AbortedError, InvalidOptionError } from "../../errors.js";
import { type FetchedFile, fetchData, publishedData } from "../../node/fetchData.js";
import { formatCount } from "../../report/text/format.js";
import { ProgressBars } from "../../report/text/progressBars.js";
import { textTable } from "../../report/text/table.js";
import { enumerate } from "../../report/text/words.js";
import { kindOf, type TaskName, taskNames } from "../../tasks/index.js";
import { Interrupt } from "../terminal/interrupt.js";
import { describeOptions, parseOptions, UsageError } from "../terminal/options.js";
import { print, say, sayJson, standardOutput } from "../terminal/output.js";

const options = {
  from: { kind: "text", value: "DIR|URL", help: "where the files are: a directory, or an address of http or https\nbelow which they lie" },
  out: { kind: "text", value: "DIR", help: "where they are to be (default heavyball-data/NAME)" },
  timeout: { kind: "number", value: "S", help: "seconds without a byte after which a connection is given up\n(default 30)" },
  json: { kind: "flag", help: "JSON lines instead of text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const;

const names = Object.keys(publishedData) as TaskName[];

const dataHelp = `heavyball data
heavyball data ${names.join("|")} [options]

Lists the data sets that are published, with their files and their SHA-256; with --from it
brings the files of one to --out, checks them, and writes each whole or not at all. A
download that breaks off is taken up again, by the same command too. Files that are there
already stay, and one that is no such file is refused, to be moved away. Another file than
the published one is taken if the task can read it, with a note, and if it goes with the
others. heavyball itself has no data and names no place for them.

${describeOptions(options)}
`;

/** `heavyball data`; returns the exit code. */
export async function dataCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("data", options, args);
  if (values.help) {
    print(dataHelp);
    return 0;
  }
  if (words.length > 1) throw new UsageError(`data takes one data set, and is given ${words.length}: ${words.join(" ")}`);
  const name = words.length === 0 ? undefined : checkName(words[0]);
  const { from, timeout, json = false } = values;
  if (from === undefined) {
    const needless = (["out", "timeout"] as const).find((option) => values[option] !== undefined);
    if (needless !== undefined) throw new UsageError(`--${needless} is about files that are fetched, and needs to know from where: --from`);
    list(name === undefined ? names : [name], json);
    return 0;
  }
  if (name === undefined) throw new UsageError(`which data set? Say: heavyball data ${names.join("|")} --from ${from}`);
  return bring(name, { from, out: values.out ?? join("heavyball-data", name), timeoutSeconds: timeout }, json);
}

function checkName(word: string): TaskName {
  if ((names as string[]).includes(word)) return word as TaskName;
  if (word === "data") throw new UsageError("data are your own: heavyball train data --data PATH takes them as they are");
  const isTask = (taskNames as string[]).includes(word);
  if (isTask)
    throw new UsageError(
      `${word} ${kindOf({ name: word as TaskName })
        .why("data")!
        .replace(/^which /, "")}, and needs none`,
    );
  const near = nearest(word, names);
  const remedy = near === undefined ? `there are ${enumerate(names)}` : `did you mean ${near}?`;
  throw new UsageError(`${JSON.stringify(word)} is not a data set that is published; ${remedy}`);
}

function list(shown: readonly TaskName[], json: boolean): void {
  if (json) {
    for (const name of shown)
      for (const file of publishedData[name]!) sayJson("published", { dataSet: name, ...file, describe: undefined });
    return;
  }
  const rows = shown.flatMap((name) =>
    publishedData[name]!.map((file) => [name, file.name, formatCount(file.bytes), file.sha256, file.holds]),
  );
  const columns = [
    { title: "Data set" },
    { title: "File" },
    { title: "Bytes", align: "right" as const },
    { title: "SHA-256" },
    { title: "Holds" },
  ];
  say(textTable({ columns, rows }));
  say(`\nTo bring them here and check them: heavyball data ${shown.join("|")} --from DIR|URL --out DIR`);
}

interface Asked {
  readonly from: string;
  readonly out: string;
  readonly timeoutSeconds: number | undefined;
}

async function bring(name: TaskName, asked: Asked, json: boolean): Promise<number> {
  const published = publishedData[name]!;
  const whole = published.reduce((total, file) => total + file.bytes, 0);
  const terminal = standardOutput();
  let bars: ProgressBars | undefined;
  const interrupt = new Interrupt(() => bars?.finish());
  let done = 0;
  try {
    await fetchData(name, {
      ...asked,
      signal: interrupt.signal,
      onProgress: (progress) => {
        // In a pipe a line for each file is enough.
        if (!json && terminal.interactive) bars ??= new ProgressBars(terminal, [{ name }]);
        bars?.reach(0, Math.min(1, (done + progress.bytes) / whole), `${progress.name}, ${formatCount(progress.bytes)} bytes`);
      },
      onFile: (file) => {
        done += file.bytes;
        bars?.finish();
        bars = undefined;
        if (json) sayJson("file", { dataSet: name, ...file });
        else say(sentenceOf(file));
      },
    });
    return 0;
  } catch (error) {
    bars?.finish();
    if (error instanceof AbortedError) {
      if (!json) say("Stopped. What has come of a file is kept; the same command goes on from there.");
      return interrupt.exitCode ?? 1;
    }
    throw error instanceof InvalidOptionError ? error.renamed((option) => flags[option] ?? option) : error;
  } finally {
    interrupt.dispose();
  }
}

/** Options of the library by what they are called here. */
const flags: Readonly<Record<string, string>> = { from: "--from", out: "--out", timeoutSeconds: "--timeout" };

function sentenceOf({ path, how, bytes, isPublished, sha256, note }: FetchedFile): string {
  const check = isPublished ? "SHA-256 as published" : `${note}; SHA-256 ${sha256}`;
  return `${path}: ${how}, ${formatCount(bytes)} bytes, ${check}`;
}
