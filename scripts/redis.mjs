/** A server of Redis for tests and measurements: an installed one (Debian's package), on a free port, in a directory of its own. */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * Path of the server to use, the first in PATH; undefined where none is installed.
 * @returns {string | undefined}
 */
export function findRedis() {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "redis-server"));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A port of this machine that nobody listens on. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {{ port: number }} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Starts one; `keeps`: whether it knows after a restart what it knew before. */
export async function startRedis({ password = "", keeps = false, maxmemory = "0" } = {}) {
  const binary = findRedis();
  if (binary === undefined) throw new Error("no redis-server was found; install it (Debian: apt-get install redis-server)");
  const directory = mkdtempSync(join(tmpdir(), "heavyball-redis-"));
  const port = await freePort();
  const options = { port, dir: directory, bind: "127.0.0.1", save: "", appendonly: keeps ? "yes" : "no", appendfsync: "no", maxmemory };
  const args = Object.entries({ ...options, ...(password === "" ? {} : { requirepass: password }) });
  let child;
  const start = async () => {
    child = spawn(
      binary,
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let log = "";
    await new Promise((resolve, reject) => {
      child.stdout.setEncoding("utf8").on("data", (text) => {
        log += text;
        if (log.includes("Ready to accept connections")) resolve(undefined);
      });
      child.once("exit", () => reject(new Error(log)));
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    port,
    /** Without a password. */
    url: `redis://127.0.0.1:${port}`,
    kill,
    /** Kills it, and starts it on the same port. */
    async restart() {
      await kill();
      await start();
    },
    async close() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
