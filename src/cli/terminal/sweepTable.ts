import { formatCount, formatDuration, formatError, formatSpeed } from "../../report/text/format.js";
import type { Terminal } from "../../report/text/progressBars.js";
import { textTable } from "../../report/text/table.js";
import type { RunningTrial, SweepProgress, SweepRow } from "../../sweeps/index.js";

/** Milliseconds between two drawings on a terminal, and between two lines about all in a pipe. */
const drawInterval = 100;
const lineInterval = 10_000;
/** Trials that are shown one by one. */
const mostShown = 16;

/**
 * A sweep as it runs: a line for every trial that ends, and below them, on a terminal, a table of those that run, redrawn in place;
 * elsewhere a line about all every ten seconds.
 */
export class SweepTable {
  private lastDrawn: number;
  private height = 0;
  /** Where each trial was when it was first seen to move. */
  private readonly starts = new Map<string, { readonly time: number; readonly update: number }>();
  private progress: SweepProgress | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lastDrawn = now();
  }

  /** Notes how far it has come; draws when it is time to. */
  show(progress: SweepProgress): void {
    this.progress = progress;
    for (const { key, progress: trial } of progress.running) {
      if (trial !== undefined && !this.starts.has(key)) this.starts.set(key, { time: this.now(), update: trial.update });
    }
    if (this.now() - this.lastDrawn >= (this.terminal.interactive ? drawInterval : lineInterval)) this.draw();
  }

  /** A trial that has ended; those that were there are not worth a line. */
  end(row: SweepRow): void {
    this.starts.delete(row.key);
    if (row.isFound || row.state === "stopped") return;
    this.clear();
    this.terminal.write(`${this.cut(describeRow(row))}\n`);
  }

  /** A sentence above the table. */
  tell(sentence: string): void {
    this.clear();
    this.terminal.write(`${sentence}\n`);
  }

  /** Takes the table away and gives the cursor back. */
  finish(): void {
    this.clear();
    this.progress = undefined;
  }

  private draw(): void {
    const { progress, terminal } = this;
    if (progress === undefined) return;
    this.lastDrawn = this.now();
    if (!terminal.interactive) {
      const { shown, rest } = this.choose(progress.running);
      const running = shown.map(({ key, progress: trial }) => `${key.slice(0, 8)} ${percent(trial?.share ?? 0)}`);
      terminal.write(`${[describeProgress(progress), ...running, ...rest].join(" | ")}\n`);
      return;
    }
    const { shown, rest } = this.choose(progress.running);
    const lines = [describeProgress(progress), ...this.tableOf(shown), ...rest].map((line) => this.cut(line));
    this.clear();
    terminal.write(`\x1b[?25l${lines.map((line) => `${line}\n`).join("")}`);
    this.height = lines.length;
  }

  private clear(): void {
    if (this.height === 0) return;
    this.terminal.write(`\x1b[${this.height}A\r\x1b[J\x1b[?25h`);
    this.height = 0;
  }

  /** The trials that are shown, and what is said of the others: on a queue many wait, and many machines run more than a screen shows. */
  private choose(running: readonly RunningTrial[]): { shown: readonly RunningTrial[]; rest: string[] } {
    if (running.length <= mostShown) return { shown: running, rest: [] };
    const begun = running.filter(({ progress }) => progress !== undefined);
    const waiting = running.length - begun.length;
    const more = begun.length - mostShown;
    const words = [...(more > 0 ? [`${formatCount(more)} more run`] : []), ...(waiting > 0 ? [`${formatCount(waiting)} wait`] : [])];
    return { shown: begun.slice(0, mostShown), rest: words.length === 0 ? [] : [words.join(", ")] };
  }

  private tableOf(running: readonly RunningTrial[]): string[] {
    if (running.length === 0) return [];
    const right = (title: string) => ({ title, align: "right" }) as const;
    const columns = [{ title: "Trial" }, right("Done"), right("Error"), right("Speed"), right("Left"), { title: "Settings" }];
    const rows = running.map(({ key, planned, progress }) => [
      key.slice(0, 8),
      percent(progress?.share ?? 0),
      formatError(progress?.error),
      this.speedOf(key, progress?.update),
      progress?.secondsLeft === undefined ? "" : formatDuration(progress.secondsLeft),
      describeSettings(planned),
    ]);
    return textTable({ columns, rows }).split("\n");
  }

  private speedOf(key: string, update = 0): string {
    const start = this.starts.get(key);
    const seconds = start === undefined ? 0 : (this.now() - start.time) / 1000;
    return start === undefined || seconds < 1 || update <= start.update ? "" : formatSpeed((update - start.update) / seconds);
  }

  /** A line that wraps could not be redrawn. */
  private cut(line: string): string {
    return this.terminal.interactive ? line.slice(0, Math.max(1, this.terminal.columns() - 1)) : line;
  }
}

/** "12 of 36 trials, 3 of them there before, 1 diverged, 4 min 10 s left". */
function describeProgress({ total, done, found, diverged, failed, secondsLeft }: SweepProgress): string {
  const parts = [
    `${formatCount(done)} of ${formatCount(total)} trials`,
    ...(found > 0 ? [`${formatCount(found)} of them there before`] : []),
    ...(diverged > 0 ? [`${formatCount(diverged)} diverged`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(secondsLeft === undefined || done === total ? [] : [`${formatDuration(secondsLeft)} left`]),
  ];
  return parts.join(", ");
}

/** "0f0ec1ad  learningRate 0.01, seed 2: 3.851 after 40 s". */
function describeRow(row: SweepRow): string {
  const { key, record, state, failure } = row;
  const [, error] = Object.entries(record?.final ?? {})[0] ?? [];
  const outcome =
    record === undefined
      ? `${state}: ${failure?.message ?? ""}`
      : record.end.code === "diverged"
        ? `diverged at update ${formatCount(record.update)}`
        : `error ${formatError(error)} after ${formatDuration(record.seconds)}`;
  return `${key.slice(0, 8)}  ${describeSettings(row)}: ${outcome}`;
}

/** Where a trial lies in its sweep. */
function describeSettings({ part, coordinates, pilot }: Pick<SweepRow, "part" | "coordinates" | "pilot">): string {
  const words = [
    part,
    ...coordinates.map(({ title, path, name }) => `${title === path ? path.split(".").at(-1) : title} ${name}`),
    pilot === undefined ? "" : `pilot ${pilot.round}`,
  ].filter((word) => word !== "");
  return words.join(", ") || "the trial";
}

function percent(share: number): string {
  return `${Math.floor(100 * share + 1e-9)} %`;
}
