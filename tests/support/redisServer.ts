/** A server of Redis for tests: Debian's package, started on a free port in a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Redis } from "ioredis";

const binary = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "redis-server"))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether there is one. Without one the tests are left out with a line saying so; HEAVYBALL_REDIS=required makes that an error. */
export const hasRedis = binary !== undefined;
if (!hasRedis) {
  const remedy = "install it (Debian: apt-get install redis-server)";
  if (process.env.HEAVYBALL_REDIS === "required") throw new Error(`HEAVYBALL_REDIS=required, but no redis-server was found: ${remedy}`);
  console.log(`No redis-server found: tests of the queue are left out. To run them, ${remedy}.`);
}

export interface RedisServer {
  readonly port: number;
  /** Without a password. */
  readonly url: string;
  /** A client that looks at what is there. */
  readonly client: Redis;
  /** Kills it, and starts it on the same port. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one; `keeps`: whether it knows after a restart what it knew before. */
export async function startRedis({ password = "", keeps = false, maxmemory = "0" } = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), "heavyball-redis-"));
  const port = await freePort();
  const options = { port, dir: directory, bind: "127.0.0.1", save: "", appendonly: keeps ? "yes" : "no", appendfsync: "no", maxmemory };
  const args = [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(binary!, [...args, ...(password === "" ? [] : ["--requirepass", password])], { stdio: ["ignore", "pipe", "inherit"] });
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child!.stdout!.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (log.includes("Ready to accept connections")) resolve();
      });
      child!.once("exit", () => reject(new Error(log)));
    });
  };
  const kill = async (): Promise<void> => {
    const gone = new Promise((resolve) => child!.once("exit", resolve));
    child!.kill("SIGKILL");
    await gone;
  };
  await start();
  const client = new Redis({
    port,
    host: "127.0.0.1",
    maxRetriesPerRequest: null,
    retryStrategy: () => 100,
    ...(password === "" ? {} : { password }),
  });
  client.on("error", () => {});
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    kill,
    async restart() {
      await kill();
      await start();
    },
    async close() {
      client.disconnect();
      if (child!.exitCode === null && child!.signalCode === null) await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
