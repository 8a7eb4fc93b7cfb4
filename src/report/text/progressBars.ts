import { formatCount, formatDuration, formatError, formatSpeed } from "./format.js";

/** Where progress is shown: the little of a terminal that is needed, so that this file runs anywhere. */
export interface Terminal {
  write(text: string): void;
  /** Whether the cursor can be moved: a person's terminal, not a pipe or a file. */
  readonly interactive: boolean;
  readonly color: boolean;
  columns(): number;
}

interface Track {
  readonly name: string;
  /** Updates of the whole; undefined for work that is not counted in updates. */
  readonly total: number | undefined;
  update: number;
  /** Share of the update under way that is done. */
  within: number;
  /** Share of the whole track that is done. */
  share: number;
  error?: number;
  /** What the update under way is at. */
  detail: string;
}

/** What else can be said of a track besides its updates. */
export interface TrackProgress {
  /** Where updates are long: the share of the one under way that is done, and what it is at. */
  readonly within?: number;
  readonly detail?: string;
  /** Share of the whole track that is done, where that is not the share of its updates. */
  readonly share?: number;
}

interface Sample {
  readonly time: number;
  /** Of each track the updates made, and the share of the one under way; hundredths of the whole where updates are not counted. */
  readonly positions: readonly number[];
  /** Mean share of the tracks. */
  readonly share: number;
}

/** Milliseconds between two drawings on a terminal, and between two lines in a pipe. */
const drawInterval = 100;
const lineInterval = 10_000;
/** Milliseconds until the first line in a pipe. */
const firstLine = 2000;
/** Speed is measured over at least this much of the recent past, in milliseconds. */
const speedWindow = 5000;

/** Colors of the bars, in turn: magenta, yellow, cyan, green. */
const colors = [35, 33, 36, 32];

/**
 * Progress of one or more tracks that advance together. On a terminal one line per track, redrawn in place; elsewhere one plain
 * line for all of them after two seconds and then every ten. A track may begin at an `update` other than 0, and one without a `total` of
 * updates has a share and a few words in their place. `advance` and `reach` may be called as often as one likes: they draw only when it is
 * time to.
 */
export class ProgressBars {
  private readonly tracks: Track[];
  private readonly samples: Sample[] = [];
  /** Where the tracks were before they were shown. */
  private readonly before: Sample;
  private lastDrawn = -Infinity;
  private drawn = false;

  constructor(
    private readonly terminal: Terminal,
    tracks: readonly { readonly name: string; readonly total?: number; readonly update?: number; readonly share?: number }[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tracks = tracks.map(({ name, total, update = 0, share = total === undefined ? 0 : update / total }) => ({
      name,
      total,
      update,
      within: 0,
      share,
      detail: "",
    }));
    this.before = this.sample();
    if (!terminal.interactive) this.lastDrawn = this.before.time - lineInterval + firstLine;
  }

  /** Notes how far a track has come, and its error if that was measured. */
  advance(at: number, update: number, error?: number, { within = 0, detail = "", share }: TrackProgress = {}): void {
    const track = this.tracks[at];
    track.update = update;
    track.within = within;
    track.detail = detail;
    track.share = Math.min(1, share ?? (track.total === undefined ? track.share : (update + within) / track.total));
    if (error !== undefined) track.error = error;
    const interval = this.terminal.interactive ? drawInterval : lineInterval;
    if (this.now() - this.lastDrawn >= interval) this.draw();
  }

  /** Notes how far a track without updates has come, and what it is at in a few words. */
  reach(at: number, share: number, detail: string): void {
    this.advance(at, 0, undefined, { share, detail });
  }

  /** Draws the last state and gives the cursor back. */
  finish(): void {
    this.draw();
    if (this.drawn) this.terminal.write("\x1b[?25h");
    this.drawn = false;
  }

  private draw(): void {
    const { samples } = this;
    const present = this.sample();
    this.lastDrawn = present.time;
    samples.push(present);
    const isOld = ({ time, positions }: Sample): boolean =>
      present.time - time >= speedWindow && sum(present.positions) - sum(positions) >= 1;
    while (samples.length > 2 && isOld(samples[1])) samples.shift();
    if (!this.terminal.interactive) {
      this.terminal.write(`${this.plainLine()}\n`);
      return;
    }
    const up = this.drawn ? `\x1b[${this.tracks.length}A` : "\x1b[?25l";
    this.drawn = true;
    this.terminal.write(
      up +
        this.barLines()
          .map((line) => `\r\x1b[2K${line}\n`)
          .join(""),
    );
  }

  private sample(): Sample {
    const { tracks } = this;
    return {
      time: this.now(),
      positions: tracks.map(({ total, update, within, share }) => (total === undefined ? 100 * share : update + within)),
      share: sum(tracks.map(({ share }) => share)) / tracks.length,
    };
  }

  private get isOver(): boolean {
    return this.tracks.every(({ share }) => share >= 1);
  }

  /** A speed a second: lately, and over the whole run when it is over. */
  private speed(of: (sample: Sample) => number): number {
    const first = this.samples.length > 1 && !this.isOver ? this.samples[0] : this.before;
    const last = this.samples[this.samples.length - 1];
    return last.time > first.time ? ((of(last) - of(first)) * 1000) / (last.time - first.time) : 0;
  }

  private remaining(): string {
    if (this.isOver) return `done in ${formatDuration((this.now() - this.before.time) / 1000)}`;
    const speed = this.speed(({ share }) => share);
    return speed > 0 ? `${formatDuration((1 - this.samples[this.samples.length - 1].share) / speed)} left` : "";
  }

  private plainLine(): string {
    const parts = this.tracks.map(
      ({ name, share, error, detail }) =>
        `${name} ${percent(share)}${error === undefined ? "" : ` error ${formatError(error)}`}${detail === "" ? "" : `, ${detail}`}`,
    );
    const [{ update, total }] = this.tracks;
    const speed = total === undefined ? 0 : this.speed(({ positions }) => sum(positions));
    const ending = [speed > 0 ? formatSpeed(speed) : "", this.remaining()].filter((part) => part !== "").join(", ");
    const counted = total === undefined ? "" : `update ${formatCount(update)} of ${formatCount(total)}`;
    return [counted, ...parts, ending].filter((part) => part !== "").join(" | ");
  }

  private barLines(): string[] {
    const widest = Math.max(...this.tracks.map(({ name }) => name.length));
    const remaining = this.remaining();
    return this.tracks.map((track, index) => {
      // What does not fit is left out: a line that wraps could not be redrawn.
      const room = this.terminal.columns() - 1;
      const before = `${track.name.padEnd(widest)}  `;
      if (track.total === undefined) {
        const width = Math.max(0, Math.min(24, room - before.length - 7));
        const after = `  ${percent(track.share).padStart(5)}   ${remaining.padEnd(14)}   ${track.detail}`.trimEnd();
        return before.slice(0, room) + this.bar(track.share, width, index) + after.slice(0, Math.max(0, room - before.length - width));
      }
      const error = `   error ${formatError(track.error).padStart(6)}`;
      const core = `  ${percent(track.share).padStart(5)}${error}`;
      const speed = this.speed(({ positions }) => positions[index]);
      const endings = speed > 0 ? [`   ${formatSpeed(speed).padStart(13)}   ${remaining}`, `   ${remaining}`, ""] : [""];
      const after = core + endings.find((ending) => before.length + 10 + core.length + ending.length <= room || ending === "");
      const width = Math.min(40, room - before.length - after.length);
      if (width < 4) return (before + core).slice(0, Math.max(0, room));
      return before + this.bar(track.share, width, index) + after;
    });
  }

  private bar(share: number, width: number, index: number): string {
    const filled = Math.min(width, Math.floor(share * width));
    const full = "━".repeat(filled);
    const empty = width - filled;
    if (!this.terminal.color) return full + "·".repeat(empty);
    return `\x1b[${colors[index % colors.length]}m${full}\x1b[90m${"━".repeat(empty)}\x1b[0m`;
  }
}

function percent(share: number): string {
  // 29 / 100 times 100 is a little less than 29.
  return `${Math.floor(100 * share + 1e-9)} %`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
