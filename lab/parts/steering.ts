import { scheduleValue, type TrialEvent, type TrialSpec } from "heavyball";
import { element } from "./element.js";
import type { LaneRow } from "./laneTable.js";
import { written } from "./lineChart.js";
import { Slider } from "./slider.js";

/** What a lane's optimizer has at an update: its rate, and its momentum where it has one. */
export interface InForce {
  readonly learningRate: number;
  readonly momentum?: number;
}

/** The numbers of update t of a run, its events included. */
export function inForce({ optimizer, updates }: TrialSpec, events: readonly TrialEvent[], t: number): InForce {
  let now = optimizer as Pick<TrialEvent, "learningRate" | "momentum">;
  for (const event of events) if (event.update <= t) now = { ...now, ...event };
  const at = Math.min(t, updates - 1);
  const { learningRate, momentum } = now;
  return {
    learningRate: scheduleValue(learningRate!, at, updates),
    ...(momentum === undefined ? {} : { momentum: scheduleValue(momentum, at, updates) }),
  };
}

/** Rate and momentum of a run: what they are now, and sliders that change them from the next update on, also while it is paused. */
export class Steering {
  readonly root: HTMLElement;
  private readonly rate: Slider;
  private readonly momentum: Slider;
  private readonly said = element("p", { class: "caption", role: "status" });

  /** `isAlone`: there is no other run from which it must be told. */
  constructor(
    private readonly row: LaneRow,
    isAlone: boolean,
  ) {
    const { name, lane } = row;
    const labels = isAlone ? ["Rate now", "Momentum now"] : [`${name}: rate now`, `${name}: momentum now`];
    this.rate = new Slider(
      {
        label: labels[0],
        minimum: 1e-6,
        maximum: 1,
        isLogarithmic: true,
        value: 0.01,
        show: written,
        onCommit: (learningRate) => lane.change({ learningRate }),
      },
      () => this.draw(),
    );
    this.momentum = new Slider(
      {
        label: labels[1],
        minimum: 0,
        maximum: 0.999,
        step: 0.001,
        value: 0.9,
        show: (value) => value.toFixed(3),
        onCommit: (momentum) => lane.change({ momentum }),
      },
      () => this.draw(),
    );
    this.root = element("div", { class: "steering" }, this.rate.root, this.momentum.root, this.said);
  }

  draw(): void {
    const { lane } = this.row;
    const { spec, events, update } = lane;
    this.root.hidden = spec === undefined || (!lane.isAtWork && !lane.isChangeable && events.length === 0);
    if (spec === undefined || this.root.hidden) return;
    const now = inForce(spec, events, update);
    this.rate.follow(now.learningRate);
    if (now.momentum !== undefined) this.momentum.follow(now.momentum);
    this.momentum.root.hidden = now.momentum === undefined;
    for (const slider of [this.rate, this.momentum]) slider.disabled = !lane.isChangeable;
    const text = describe(events);
    if (this.said.textContent !== text) this.said.textContent = text;
  }
}

/** Several of them under one heading, which is there while one of them is. */
export class SteeringRows {
  readonly root: HTMLElement;
  private readonly all: readonly Steering[];

  constructor(rows: readonly LaneRow[]) {
    this.all = rows.map((row) => new Steering(row, rows.length === 1));
    this.root = element(
      "section",
      { class: "steer" },
      element("h2", {}, "From here on"),
      element(
        "p",
        {},
        "A slider that is let go changes its optimizer from the next update on, while it trains or is paused, and the record keeps when.",
      ),
      ...this.all.map(({ root }) => root),
    );
  }

  draw(): void {
    for (const one of this.all) one.draw();
    this.root.hidden = this.all.every(({ root }) => root.hidden);
  }
}

/** The last of them in words; all are in the record. */
const TOLD = 3;

function describe(events: readonly TrialEvent[]): string {
  const told = events.slice(-TOLD).map(({ update, learningRate, momentum }) => {
    const parts = Object.entries({ rate: learningRate, momentum }).filter(([, value]) => value !== undefined);
    const values = parts.map(([name, value]) => `${name} ${typeof value === "number" ? written(value) : "by a schedule"}`);
    return `${values.join(", ")} from update ${update.toLocaleString("en")}`;
  });
  if (told.length === 0) return "";
  return `Changed${events.length > TOLD ? ` ${events.length} times, at last` : ""}: ${told.join("; ")}.`;
}
