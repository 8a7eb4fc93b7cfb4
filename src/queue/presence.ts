import { isArray, isRecord } from "../boundary/realm.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { sweeperKey, sweeperSeconds, sweepersKey, wordsKey } from "./keys.js";
import type { Server } from "./server.js";
import { queueNameOf, readWants, type Wants } from "./wants.js";

/** Milliseconds between two signs of life of a sweep. */
const interval = 3_000;
/** Sentences of workers that are kept for a sweep. */
const mostWords = 20;

/** A script that has made room is not stopped for want of it: a server that is full takes this too. */
const leaveWord = `
redis.call("LTRIM", KEYS[1], 1 - ARGV[2], -1)
redis.call("RPUSH", KEYS[1], ARGV[1])
redis.call("EXPIRE", KEYS[1], ARGV[3])
`;

export interface PresenceListener {
  /** Gets what workers tell: who was refused, and what the server does not take of them. */
  onWord(sentence: string): void;
  /** Gets why the server did not take a sign of life, and how often in a row; 0 when it takes it again. */
  onRefused(error: unknown, times: number): void;
}

/** A sweep's presence on the server: what its trials want, as long as it is at work. */
export class Presence {
  private readonly wants = new Map<string, Wants>();
  private timer: NodeJS.Timeout | undefined;
  private refused = 0;

  constructor(
    private readonly server: Server,
    private readonly id: string,
    private readonly listener: PresenceListener,
  ) {}

  /** Lets workers know of a queue. */
  async announce(wants: Wants): Promise<void> {
    this.wants.set(queueNameOf(wants), wants);
    await this.tell();
    this.timer ??= setInterval(() => void this.tellAgain(), interval);
  }

  private async tellAgain(): Promise<void> {
    try {
      await this.tell();
      if (this.refused > 0) this.listener.onRefused(undefined, (this.refused = 0));
    } catch (error) {
      this.listener.onRefused(error, ++this.refused);
    }
  }

  /** Says that it is there, and hears what workers tell. */
  async tell(): Promise<void> {
    if (this.wants.size === 0) return;
    const { client } = this.server;
    // A server without room takes this, and not what is written below: workers would take the sweep for gone.
    await client.expire(sweeperKey(this.id), sweeperSeconds);
    await this.hear();
    await client
      .multi()
      .sadd(sweepersKey, this.id)
      .set(sweeperKey(this.id), JSON.stringify([...this.wants.values()]), "EX", sweeperSeconds)
      .exec();
  }

  /** Hears what workers tell. */
  async hear(): Promise<void> {
    for (const queue of this.wants.keys()) {
      for (const sentence of (await this.server.client.lpop(wordsKey(queue), mostWords)) ?? []) this.listener.onWord(sentence);
    }
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    const { client } = this.server;
    // One by one: a server without room refuses transactions, whatever is in them.
    await client.del(sweeperKey(this.id));
    await client.srem(sweepersKey, this.id);
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

/** Lets the sweeps of a queue know what a worker has to say. */
export async function tellSweeps({ client }: Server, wants: Wants, sentence: string): Promise<void> {
  await client.eval(leaveWord, 1, wordsKey(queueNameOf(wants)), sentence, mostWords, 2 * sweeperSeconds);
}
