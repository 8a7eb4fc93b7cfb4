import { button, element } from "./element.js";
import type { Lane } from "./lane.js";

/** Threads for each of so many runs side by side. */
export function threadsFor(runs: number): number {
  return Math.max(1, Math.floor(navigator.hardwareConcurrency / Math.max(1, runs)));
}

export interface RunActions {
  start(): void;
  goOn(): void;
  clear(): Promise<void>;
}

/** Start, pause, go on and clear for some runs, and a line that says how they are doing. */
export class RunButtons {
  readonly root: HTMLElement;
  private readonly start: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly goOn: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly bar = element("progress", { max: 1, value: 0, "aria-label": "Updates made" });
  private readonly status = element("p", { class: "status", role: "status" });

  constructor(
    private readonly lanes: readonly Lane[],
    { start, goOn, clear }: RunActions,
  ) {
    this.start = button("Start", start, { class: "main" });
    this.pause = button("Pause", () => lanes.forEach((lane) => lane.pause()));
    this.goOn = button("Go on", goOn, { class: "main" });
    this.clear = button("Clear", () => void clear());
    this.root = element(
      "div",
      { class: "run" },
      element("p", { class: "buttons" }, this.start, this.goOn, this.pause, this.clear),
      this.bar,
      this.status,
    );
  }

  draw(): void {
    const { lanes } = this;
    const isAtWork = lanes.some((lane) => lane.isAtWork);
    const isWaiting = lanes.some(({ state, spec }) => (state === "paused" || state === "failed") && spec !== undefined);
    const isThere = lanes.some(({ state }) => state !== "empty");
    this.start.hidden = isAtWork || isThere;
    this.goOn.hidden = isAtWork || !isWaiting;
    this.pause.hidden = !isAtWork;
    this.pause.disabled = lanes.every(({ state }) => state !== "running" && state !== "preparing");
    this.clear.hidden = isAtWork || !isThere;
    const known = lanes.filter(({ spec }) => spec !== undefined);
    const share = known.reduce((sum, { update, spec }) => sum + update / spec!.updates, 0) / Math.max(1, known.length);
    this.bar.value = share;
    this.bar.hidden = !isAtWork;
    const text = isAtWork ? this.describeWork() : isWaiting ? "Paused; the browser keeps it, also over a reload." : "";
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  private describeWork(): string {
    const { lanes } = this;
    if (lanes.some(({ state }) => state === "pausing")) return "Pausing after the update under way …";
    const working = lanes.find(({ threads }) => threads !== undefined);
    if (lanes.some(({ state }) => state === "preparing") || working === undefined) return "Making the data …";
    const { threads, threadsReason } = working;
    const why = threads === 1 && !crossOriginIsolated ? ` (${threadsReason})` : "";
    return `Training in Workers, on ${threads} thread${threads === 1 ? "" : "s"} each${why}. You may leave the page for another tab.`;
  }
}
