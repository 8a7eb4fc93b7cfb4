import type { OfferedQueue } from "./offers.js";
import type { Server } from "./server.js";

/** BullMQ's own extension of a lock writes it anew, which a server without room refuses: its trials would be taken for lost. */
const renew = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
redis.call("SREM", KEYS[2], ARGV[3])
return 1
`;

/** Says that a trial is still its worker's, for so many milliseconds; false where it is not any more. */
export async function renewLock(
  { client }: Server,
  { worker }: Pick<OfferedQueue, "worker">,
  key: string,
  token: string,
  milliseconds: number,
): Promise<boolean> {
  return (await client.eval(renew, 2, `${worker.toKey(key)}:lock`, worker.toKey("stalled"), token, milliseconds, key)) === 1;
}
