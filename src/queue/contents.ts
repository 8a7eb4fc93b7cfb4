import type { Redis } from "ioredis";
import { isRecord } from "../boundary/realm.js";
import { sha256Hex } from "../formats/digest.js";
import { Limiter } from "../sweeps/limiter.js";
import { NoRoomError } from "./fullServer.js";
import { contentSeconds } from "./keys.js";

/** A content on the server, in pieces that are values of their own: a server has one thread, and nobody waits long behind one of them. */
export interface StoredContent {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The keys of its pieces, in their order. */
  readonly pieces: readonly string[];
}

/** With what a server adds to a value it takes no more than a mebibyte; a little more would take a quarter more. */
const pieceBytes = 2 ** 20 - 1024;
/** Pieces that are under way at a time. */
const together = 4;

/** The share of a server's memory that is left to what is not contents: without it no worker could say that it is there. */
const spared = 0.1;

/** Throws NoRoomError where a server has a limit, and no room for so many bytes. */
async function requireRoom(client: Redis, bytes: number): Promise<void> {
  const info = await client.info("memory");
  const [used, most] = ["used_memory", "maxmemory"].map((name) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0));
  if (most === 0 || used + bytes <= (1 - spared) * most) return;
  throw new NoRoomError(bytes, used, most);
}

/** Puts a content on the server; where that fails nothing of it stays there, and the error says why. */
export async function putContent(
  client: Redis,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  keyOf: (at: number) => string,
): Promise<StoredContent> {
  await requireRoom(client, bytes.length);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) => keyOf(at));
  const content = { name, bytes: bytes.length, sha256: await sha256Hex(bytes), pieces };
  const room = new Limiter(together);
  const results = await Promise.allSettled(
    pieces.map((key, at) =>
      room.run(() =>
        client.set(key, Buffer.from(bytes.buffer, at * pieceBytes + bytes.byteOffset, lengthOf(bytes, at)), "EX", contentSeconds),
      ),
    ),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return content;
  await dropContents(client, [content]).catch(() => {});
  throw failed.reason;
}

function lengthOf({ length }: Uint8Array, at: number): number {
  return Math.min(pieceBytes, length - at * pieceBytes);
}

/** A content from the server; undefined where it is no longer there or is not whole. */
export async function getContent(client: Redis, { bytes, sha256, pieces }: StoredContent): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const whole = new Uint8Array(bytes);
  const room = new Limiter(together);
  const found = await Promise.all(
    pieces.map((key, at) =>
      room.run(async () => {
        const piece = await client.getBuffer(key);
        if (piece?.length !== lengthOf(whole, at)) return false;
        whole.set(piece, at * pieceBytes);
        return true;
      }),
    ),
  );
  return found.every((isThere) => isThere) && (await sha256Hex(whole)) === sha256 ? whole : undefined;
}

export async function dropContents(client: Redis, contents: readonly StoredContent[]): Promise<void> {
  const keys = contents.flatMap(({ pieces }) => pieces);
  if (keys.length > 0) await client.unlink(...keys);
}

/** A content's place as a server told it; undefined where it told something else. */
export function readStoredContent(value: unknown): StoredContent | undefined {
  if (!isRecord(value)) return undefined;
  const { name, bytes, sha256, pieces } = value;
  const isWhole =
    typeof name === "string" &&
    /^[\w.]+$/.test(name) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === "string" &&
    Array.isArray(pieces) &&
    pieces.length === Math.ceil((bytes as number) / pieceBytes) &&
    pieces.every((piece) => typeof piece === "string");
  return isWhole ? { name, bytes: bytes as number, sha256, pieces } : undefined;
}
