import { parseBoundedJson } from "../formats/boundedJson.js";
import { dropContents, getContent, putContent, readStoredContent, type StoredContent } from "./contents.js";
import { contentSeconds, trialKeys } from "./keys.js";
import type { Server } from "./server.js";

/** Where the furthest checkpoint of a trial is, and how often its workers had been lost until then. */
export interface ShelvedCheckpoint {
  readonly update: number;
  readonly losses: number;
  readonly content: StoredContent;
}

/**
 * Takes a checkpoint that goes further than the one that is there, and gives the place of the one to be dropped. Every checkpoint of a
 * trial leads to the same bits, whoever made it, so that the furthest is the best, also one from a worker that was thought to be lost.
 */
const replace = `
local there = redis.call("HMGET", KEYS[1], "update", "content")
if there[2] == ARGV[2] then return false end
if there[1] and tonumber(there[1]) >= tonumber(ARGV[1]) then return ARGV[2] end
redis.call("HSET", KEYS[1], "update", ARGV[1], "content", ARGV[2], "losses", ARGV[3])
redis.call("EXPIRE", KEYS[1], ARGV[4])
return there[2]
`;

/** The checkpoints of a queue's trials on the server: of each trial one, the furthest. */
export class Shelf {
  constructor(
    private readonly server: Server,
    private readonly queue: string,
  ) {}

  /** Puts a checkpoint on the server, unless a later one is there. `writer` is whoever does. Throws the server's error. */
  async offer(key: string, writer: string, update: number, losses: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { client, carrier } = this.server;
    const { checkpoint, piece } = trialKeys(this.queue, key);
    const there = await this.find(key);
    if (there !== undefined && there.update >= update) return;
    const content = await putContent(carrier, "checkpoint.bin", bytes, (at) => piece(writer, `checkpoint-${update}`, at));
    const left = await client.eval(replace, 1, checkpoint, update, JSON.stringify(content), losses, contentSeconds);
    await this.dropText(left);
  }

  /** Where the furthest checkpoint is; undefined where there is none. */
  async find(key: string): Promise<ShelvedCheckpoint | undefined> {
    const found = await this.server.client.hgetall(trialKeys(this.queue, key).checkpoint);
    const content = found.content === undefined ? undefined : contentOf(found.content);
    return content && { update: Number(found.update), losses: Number(found.losses), content };
  }

  /** The furthest checkpoint; undefined where there is none that is whole. */
  async fetch(key: string): Promise<(ShelvedCheckpoint & { readonly bytes: Uint8Array<ArrayBuffer> }) | undefined> {
    for (;;) {
      const found = await this.find(key);
      if (found === undefined) return undefined;
      const bytes = await getContent(this.server.carrier, found.content);
      if (bytes !== undefined) return { ...found, bytes };
      // Replaced meanwhile; or a server that was short of memory has forgotten a part of it, and it keeps others out.
      const after = await this.find(key);
      if (after?.content.sha256 === found.content.sha256) await this.drop(key);
    }
  }

  async drop(key: string): Promise<void> {
    const { client } = this.server;
    const name = trialKeys(this.queue, key).checkpoint;
    const content = await client.hget(name, "content");
    await client.del(name);
    await this.dropText(content);
  }

  private async dropText(text: unknown): Promise<void> {
    const content = typeof text === "string" ? contentOf(text) : undefined;
    if (content !== undefined) await dropContents(this.server.client, [content]);
  }
}

function contentOf(text: string): StoredContent | undefined {
  try {
    return readStoredContent(parseBoundedJson(text));
  } catch {
    return undefined;
  }
}
