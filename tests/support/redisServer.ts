import { Redis } from "ioredis";
import { findRedis, startRedis as start } from "../../scripts/redis.mjs";

/** Whether there is one. Without one the tests are left out with a line saying so; HEAVYBALL_REDIS=required makes that an error. */
export const hasRedis = findRedis() !== undefined;
if (!hasRedis) {
  const remedy = "install it (Debian: apt-get install redis-server)";
  if (process.env.HEAVYBALL_REDIS === "required") throw new Error(`HEAVYBALL_REDIS=required, but no redis-server was found: ${remedy}`);
  console.log(`No redis-server found: tests of the queue are left out. To run them, ${remedy}.`);
}

export type RedisServer = Awaited<ReturnType<typeof startRedis>>;

/** Starts a server, with a client that looks at what is there. */
export async function startRedis(options: { readonly password?: string; readonly keeps?: boolean; readonly maxmemory?: string } = {}) {
  const server = await start(options);
  const { password = "" } = options;
  const client = new Redis({
    port: server.port,
    host: "127.0.0.1",
    maxRetriesPerRequest: null,
    retryStrategy: () => 100,
    ...(password === "" ? {} : { password }),
  });
  client.on("error", () => {});
  return {
    ...server,
    client,
    async close(): Promise<void> {
      client.disconnect();
      await server.close();
    },
  };
}

/** Does some work with a server of its own. */
export async function withServer(options: Parameters<typeof startRedis>[0], work: (server: RedisServer) => Promise<void>): Promise<void> {
  const server = await startRedis(options);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}
