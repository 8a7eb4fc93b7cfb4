import { FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import type { Checkpoint } from "./checkpoint.js";
import type { TrialSpec } from "./spec.js";
import type { OpenStore, Store } from "./store.js";
import { checkEvents, type TrialEvent } from "./trialEvent.js";

export const eventsName = "events.jsonl";

/** The events of a run as a content of its store: one a line, written whole before an update that was made with one is told of. */
export class StoredEvents {
  /** What the store has; undefined where it has none. */
  private text: string | undefined;
  private writing: Promise<void> = Promise.resolve();
  /** What it is to have. */
  private wanted: string | undefined;

  private constructor(
    private readonly store: OpenStore,
    /** What a run that goes on has; none for a new one. */
    readonly found: readonly TrialEvent[],
    text: string | undefined,
  ) {
    this.text = text;
  }

  /** Those of a run that is about to begin: what another one left is nothing to it. */
  static async create(store: OpenStore, events: readonly TrialEvent[]): Promise<StoredEvents> {
    const names = await store.names();
    const made = new StoredEvents(store, [], names.includes(eventsName) ? "" : undefined);
    await made.keep(events);
    return made;
  }

  /** Those of the run of `spec` that is in a store, as `readStoredEvents` finds them. */
  static async open(store: OpenStore, spec: TrialSpec, checkpoint: Checkpoint | undefined): Promise<StoredEvents> {
    const { events, text } = await readStoredEvents(store, spec, checkpoint);
    return new StoredEvents(store, events, text);
  }

  /** Makes these the content; none where there are none. Resolves when they are there. */
  keep(events: readonly TrialEvent[]): Promise<void> {
    this.wanted = events.length === 0 ? undefined : textOf(events);
    this.writing = this.writing.then(async () => {
      // Changes that were made while another was written are written as one.
      const text = this.wanted;
      if (text === this.text) return;
      await (text === undefined ? this.store.remove(eventsName) : this.store.write(eventsName, text));
      this.text = text;
    });
    return this.writing;
  }

  /** Resolves when what was to be kept is there; rejects where that failed. */
  get kept(): Promise<void> {
    return this.writing;
  }
}

/**
 * The events of the run of `spec` in a store that nobody need have opened, and the content that has them: where there is none, they are
 * those of its checkpoint. Throws FormatError for a content that is damaged, or by which updates of the checkpoint were not made.
 */
export async function readStoredEvents(
  store: Store,
  spec: TrialSpec,
  checkpoint: Checkpoint | undefined,
): Promise<{ readonly events: readonly TrialEvent[]; readonly text?: string }> {
  const saved = checkpoint?.events ?? [];
  const bytes = await store.read(eventsName);
  if (bytes === undefined) return { events: saved };
  const file = `${store.place}/${eventsName}`;
  const remedy = "remove the file to go on with the changes of the checkpoint";
  const events = readEvents(bytes, file, spec, remedy);
  const made = checkpoint?.state.update ?? 0;
  const until = (events: readonly TrialEvent[]): string => textOf(events.filter(({ update }) => update < made));
  if (until(events) !== until(saved)) throw new FormatError(file, 0, `the changes with which its checkpoint was made; ${remedy}`);
  return { events, text: textOf(events) };
}

function readEvents(bytes: Uint8Array, file: string, spec: TrialSpec, remedy: string): readonly TrialEvent[] {
  try {
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
    return checkEvents("events", spec, lines.filter((line) => line !== "").map(parseBoundedJson));
  } catch (error) {
    const why = error instanceof InvalidOptionError ? `, found one that is wrong: ${error.message}` : "";
    throw new FormatError(file, 0, `an event of its trial as JSON in UTF-8 on each line${why}; ${remedy}`);
  }
}

function textOf(events: readonly TrialEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
