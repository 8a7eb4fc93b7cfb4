import { formatCount, formatDuration, formatError, formatSpeed } from "./format.js";

/** Where progress is shown: the little of a terminal that is needed, so that this file runs anywhere. */
export interface Terminal {
  write(text: string): void;
  /** Whether the cursor can be moved: a person's terminal, not a pipe or a file. */
  readonly interactive: boolean;
  readonly colour: boolean;
  columns(): number;
}

interface Track {
  readonly name: string;
  readonly total: number;
  update: number;
  error?: number;
}

/** Milliseconds between two drawings on a terminal, and between two lines in a pipe. */
const drawInterval = 100;
const lineInterval = 10_000;
/** Milliseconds until the first line in a pipe. */
const firstLine = 2000;
/** Speed is measured over at least this much of the recent past, in milliseconds. */
const speedWindow = 5000;

/** Colours of the bars by turns: magenta, yellow, cyan, green. */
const colours = [35, 33, 36, 32];

/**
 * Progress of one or more tracks that advance together. On a terminal one line per track, redrawn in place; elsewhere one plain
 * line for all of them after two seconds and then every ten. `advance` may be called after every update: it draws only when it is time to.
 */
export class ProgressBars {
  private readonly tracks: Track[];
  private readonly samples: { time: number; updates: number }[] = [];
  private readonly started: number;
  private lastDrawn = -Infinity;
  private drawn = false;

  constructor(
    private readonly terminal: Terminal,
    tracks: readonly { readonly name: string; readonly total: number }[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tracks = tracks.map(({ name, total }) => ({ name, total, update: 0 }));
    this.started = now();
    if (!terminal.interactive) this.lastDrawn = this.started - lineInterval + firstLine;
  }

  /** Notes how far a track has come, and its error if that was measured. */
  advance(track: number, update: number, error?: number): void {
    this.tracks[track].update = update;
    if (error !== undefined) this.tracks[track].error = error;
    const interval = this.terminal.interactive ? drawInterval : lineInterval;
    if (this.now() - this.lastDrawn >= interval) this.draw();
  }

  /** Draws the last state and gives the cursor back. */
  finish(): void {
    this.draw();
    if (this.drawn) this.terminal.write("\x1b[?25h");
    this.drawn = false;
  }

  private draw(): void {
    const time = this.now();
    this.lastDrawn = time;
    const updates = this.tracks.reduce((sum, track) => sum + track.update, 0);
    this.samples.push({ time, updates });
    while (this.samples.length > 2 && time - this.samples[1].time >= speedWindow) this.samples.shift();
    if (!this.terminal.interactive) {
      this.terminal.write(`${this.plainLine()}\n`);
      return;
    }
    const up = this.drawn ? `\x1b[${this.tracks.length}A` : "\x1b[?25l";
    this.drawn = true;
    this.terminal.write(up + this.barLines().map((line) => `\r\x1b[2K${line}\n`).join(""));
  }

  /** Updates per second of all tracks together: lately, and over the whole run when it is over. */
  private speed(): number {
    const isOver = this.tracks.every(({ update, total }) => update === total);
    const first = this.samples.length > 1 && !isOver ? this.samples[0] : { time: this.started, updates: 0 };
    const last = this.samples[this.samples.length - 1];
    return last.time > first.time ? ((last.updates - first.updates) * 1000) / (last.time - first.time) : 0;
  }

  private remaining(): string {
    const left = this.tracks.reduce((sum, track) => sum + track.total - track.update, 0);
    if (left === 0) return `done in ${formatDuration((this.now() - this.started) / 1000)}`;
    const speed = this.speed();
    return speed > 0 ? `${formatDuration(left / speed)} left` : "";
  }

  private plainLine(): string {
    const parts = this.tracks.map(({ name, update, total, error }) => `${name} ${percent(update, total)}${error === undefined ? "" : ` error ${formatError(error)}`}`);
    const ending = [formatSpeed(this.speed()), this.remaining()].filter((part) => part !== "");
    const [{ update, total }] = this.tracks;
    return `update ${formatCount(update)} of ${formatCount(total)} | ${parts.join(" | ")} | ${ending.join(", ")}`;
  }

  private barLines(): string[] {
    const widest = Math.max(...this.tracks.map(({ name }) => name.length));
    const moving = this.tracks.filter((track) => track.update < track.total).length || this.tracks.length;
    const speed = this.speed() / moving;
    const remaining = this.remaining();
    return this.tracks.map((track, index) => {
      const before = `${track.name.padEnd(widest)}  `;
      const error = `   error ${formatError(track.error).padStart(6)}`;
      const core = `  ${percent(track.update, track.total).padStart(5)}${error}`;
      // What does not fit is left out: a line that wraps could not be redrawn.
      const room = this.terminal.columns() - 1;
      const endings = speed > 0 ? [`   ${formatSpeed(speed).padStart(13)}   ${remaining}`, `   ${remaining}`, ""] : [""];
      const after = core + endings.find((ending) => before.length + 10 + core.length + ending.length <= room || ending === "");
      const width = Math.min(40, room - before.length - after.length);
      if (width < 4) return (before + core).slice(0, Math.max(0, room));
      return before + this.bar(track.update / track.total, width, index) + after;
    });
  }

  private bar(share: number, width: number, index: number): string {
    const filled = Math.min(width, Math.floor(share * width));
    const full = "━".repeat(filled);
    const empty = width - filled;
    if (!this.terminal.colour) return full + "·".repeat(empty);
    return `\x1b[${colours[index % colours.length]}m${full}\x1b[90m${"━".repeat(empty)}\x1b[0m`;
  }
}

function percent(update: number, total: number): string {
  return `${Math.floor((100 * update) / total)} %`;
}
