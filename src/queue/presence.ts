import { isArray, isRecord } from "../boundary/realm.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { refusalsKey, sweeperKey, sweeperSeconds, sweepersKey } from "./keys.js";
import type { Server } from "./server.js";
import { queueNameOf, readWants, type Wants } from "./wants.js";

/** Milliseconds between two signs of life of a sweep. */
const interval = 3_000;
/** Sentences of refused workers that are kept for a sweep. */
const mostRefusals = 20;

/** A sweep's presence on the server: what its trials want, as long as it is at work. */
export class Presence {
  private readonly wants = new Map<string, Wants>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Server,
    private readonly id: string,
    /** Gets what workers say that were refused. */
    private readonly onRefusal: (sentence: string) => void,
  ) {}

  /** Lets workers know of a queue. */
  async announce(wants: Wants): Promise<void> {
    this.wants.set(queueNameOf(wants), wants);
    await this.tell();
    this.timer ??= setInterval(() => void this.tell().catch(() => {}), interval);
  }

  /** Says that it is there, and hears who was refused. */
  async tell(): Promise<void> {
    if (this.wants.size === 0) return;
    const { client } = this.server;
    await client
      .multi()
      .sadd(sweepersKey, this.id)
      .set(sweeperKey(this.id), JSON.stringify([...this.wants.values()]), "EX", sweeperSeconds)
      .exec();
    for (const queue of this.wants.keys()) {
      for (const sentence of (await client.lpop(refusalsKey(queue), mostRefusals)) ?? []) this.onRefusal(sentence);
    }
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.server.client.multi().srem(sweepersKey, this.id).del(sweeperKey(this.id)).exec();
  }
}

/** What the sweeps that are at work want, each once. */
export async function wantedNow({ client }: Server): Promise<Wants[]> {
  const ids = await client.smembers(sweepersKey);
  if (ids.length === 0) return [];
  const texts = await client.mget(ids.map(sweeperKey));
  const gone = ids.filter((_, at) => texts[at] === null);
  if (gone.length > 0) await client.srem(sweepersKey, ...gone);
  const found = texts.flatMap((text) => (text === null ? [] : readAll(text)));
  return [...new Map(found.map((wants) => [queueNameOf(wants), wants])).values()];
}

function readAll(text: string): Wants[] {
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch {
    return [];
  }
  // Of a later version they may look otherwise.
  const list = isArray(value) ? value : [];
  return list.filter(isRecord).flatMap((entry) => readWants(entry) ?? []);
}

/** Lets the sweeps of a queue know that a worker was refused, and why. */
export async function tellRefusal({ client }: Server, wants: Wants, sentence: string): Promise<void> {
  const key = refusalsKey(queueNameOf(wants));
  await client
    .multi()
    .rpush(key, sentence)
    .ltrim(key, -mostRefusals, -1)
    .expire(key, 2 * sweeperSeconds)
    .exec();
}
