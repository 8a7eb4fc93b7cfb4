import { sweeperKey, trialKeys, wantedSeconds } from "./keys.js";
import type { Server } from "./server.js";

/** Whether a sweep that is at work wants a trial. */
const isWanted = `
for _, id in ipairs(redis.call("SMEMBERS", KEYS[1])) do
  if redis.call("EXISTS", ARGV[1] .. id) == 1 then return 1 end
end
return 0
`;

/** Takes a sweep out; where nobody else at work wants the trial, nobody does. */
const release = `
redis.call("SREM", KEYS[1], ARGV[2])
for _, id in ipairs(redis.call("SMEMBERS", KEYS[1])) do
  if redis.call("EXISTS", ARGV[1] .. id) == 1 then return 0 end
end
redis.call("DEL", KEYS[1])
return 1
`;

/** Which sweeps want a trial of a queue: what it leaves on the server stays for all of them, and is removed by the last. */
export class Interest {
  constructor(
    private readonly server: Server,
    private readonly queue: string,
  ) {}

  async claim(key: string, sweeper: string): Promise<void> {
    const { wanted } = trialKeys(this.queue, key);
    await this.server.client.multi().sadd(wanted, sweeper).expire(wanted, wantedSeconds).exec();
  }

  /** Whether nobody else wants it. */
  async release(key: string, sweeper: string): Promise<boolean> {
    return (await this.server.client.eval(release, 1, trialKeys(this.queue, key).wanted, sweeperKey(""), sweeper)) === 1;
  }

  /** Whether a sweep that is at work wants it. */
  async isWanted(key: string): Promise<boolean> {
    return (await this.server.client.eval(isWanted, 1, trialKeys(this.queue, key).wanted, sweeperKey(""))) === 1;
  }

  /** Whether a sweep wants it that has not said otherwise, though it may be away. */
  async isAsked(key: string): Promise<boolean> {
    return (await this.server.client.exists(trialKeys(this.queue, key).wanted)) === 1;
  }
}
