import type { Keep } from "../sweeps/keeping.js";
import { reasonIn, saysFull, saysRightless } from "./refusal.js";
import { moreRights } from "./serverTrouble.js";

/** A content for which a server has no room, though it still takes what is small. */
export class NoRoomError extends Error {
  override readonly name: string = "NoRoomError";
  constructor(bytes: number, used: number, most: number) {
    super(`no room for ${bytes} bytes: ${used} of its ${most} are in use, and a tenth is spared`);
  }
}

/** Whether a server refused something for want of memory, and not for what it was asked. */
export function isFull(error: unknown): boolean {
  return error instanceof NoRoomError || saysFull(error);
}

/** What to do about a server that refused something, after a semicolon; nothing where it is not known. */
export function remedyFor(error: unknown, keep?: Keep): string {
  if (saysRightless(reasonIn(error))) return `; ${moreRights}`;
  if (!isFull(error)) return "";
  const lighter =
    keep === undefined || keep === "records" ? "" : ", or run the sweep with --keep records, so that records alone go through it";
  return `; raise maxmemory on the server${lighter}`;
}

/** How often something is asked of a server that refuses it, and after how many milliseconds each time, before its trial has failed. */
export interface Tries {
  readonly times: number;
  readonly pause: number;
}

/** Five minutes: others may make room in that time, or somebody who has read what is told. */
export const tries: Tries = { times: 150, pause: 2_000 };
