import { present } from "../boundary/present.js";
import { UnsupportedError } from "../errors.js";
import type { TrialSpec } from "./spec.js";
import { checkChange, checkSize, MOST_EVENTS, sizeOf, type TrialChange, type TrialEvent } from "./trialEvent.js";

/** The events of one trial: those that were met, and those that are still to come. */
export class TrialChanges {
  private readonly list: TrialEvent[];
  /** How many of them were met, what they come to, and the update that was begun last. */
  private met = 0;
  private effect: TrialChange = {};
  private begun: number;
  private isOver = false;
  /** Characters of all of them as JSON. */
  private size: number;

  /** `events` have passed `checkEvents`; `from` updates were made before. */
  constructor(
    private readonly spec: TrialSpec,
    events: readonly TrialEvent[],
    from: number,
  ) {
    this.list = [...events];
    this.size = events.reduce((sum, event) => sum + sizeOf(event), 0);
    this.begun = from - 1;
  }

  /** All, in the order of their updates. */
  get events(): readonly TrialEvent[] {
    return [...this.list];
  }

  /** Those of the updates before update t. */
  before(t: number): readonly TrialEvent[] {
    return this.list.filter(({ update }) => update < t);
  }

  /** Update t begins: what the events until then come to, undefined where none is met now. */
  begin(t: number): TrialChange | undefined {
    this.begun = t;
    const before = this.met;
    for (; this.met < this.list.length && this.list[this.met].update <= t; this.met++) {
      const { update: _, ...change } = this.list[this.met];
      this.effect = { ...this.effect, ...change };
    }
    return this.met > before ? this.effect : undefined;
  }

  /** From here on no update is begun. */
  end(): void {
    this.isOver = true;
  }

  /**
   * Makes a change from the next update on that has not begun. Throws InvalidOptionError for a wrong one and for one with too long a
   * schedule, UnsupportedError where no update is left or there are 10,000 events; nothing has changed then.
   */
  add(value: unknown): TrialEvent {
    const change = checkChange("change", this.spec, value);
    const update = this.begun + 1;
    if (this.isOver || update >= this.spec.updates) throw noUpdateLeft();
    const found = this.list.findIndex((event) => event.update >= update);
    const at = found < 0 ? this.list.length : found;
    const isSame = this.list[at]?.update === update;
    if (!isSame && this.list.length >= MOST_EVENTS) throw tooManyEvents();
    const { learningRate, momentum } = { ...(isSame ? this.list[at] : {}), ...change } as TrialChange;
    const event = present({ update, learningRate, momentum });
    const others = isSame ? this.size - sizeOf(this.list[at]) : this.size;
    this.size = checkSize("change", value, others + sizeOf(event));
    this.list.splice(at, isSame ? 1 : 0, event);
    return event;
  }
}

function tooManyEvents(): UnsupportedError {
  const remedy = "run it again, with a schedule in its spec instead";
  return new UnsupportedError(
    `this trial has ${MOST_EVENTS} events, as many as it may have, so nothing more of it can be changed; ${remedy}`,
  );
}

/** Why a change comes too late. */
export function noUpdateLeft(): UnsupportedError {
  return new UnsupportedError("this trial begins no more updates, so nothing of it can be changed; run it again, for more updates");
}
