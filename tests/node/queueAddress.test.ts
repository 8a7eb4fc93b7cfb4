/** Addresses and passwords, and packages that are not there. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidOptionError } from "heavyball";
import { queueExecutor, runWorker } from "heavyball/queue";
import { afterAll, describe, expect, it } from "vitest";
import { hidePasswords } from "#internal/boundary/hidePasswords";
import { checkConnection } from "#internal/queue/address";
import { runCommand as runNode } from "../support/childProcess.js";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { endWorkers, isTold, password, pause, spawnWorker, testDirectory, written } from "../support/queues.js";
import { hasRedis, startRedis } from "../support/redisServer.js";
import { tinySweep, tinyTrial } from "../support/sweeps.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = testDirectory("queue-address");
afterAll(async () => {
  await endWorkers();
  directory.remove();
});

describe("the time after which a worker is lost", () => {
  it.each([0.01, 0, -1, 1e99, NaN, "30"])("is refused where it is %s, which no server could count", async (lostAfter) => {
    const error = await rejection(runWorker({ connection: "redis://host", lostAfter: lostAfter as number }));
    expect(error).toMatchObject({ option: "lostAfter", value: lostAfter, allowed: "a finite number from 1 to 1000000" });
  });
});

describe("an address", () => {
  it.each([
    ["redis://host", "redis://host:6379/0", { host: "host", port: 6379, database: 0 }],
    ["valkeys://joe:x@h.example:7000/3", "rediss://h.example:7000/3", { host: "h.example", username: "joe", password: "x", tls: {} }],
    [`redis://:${written}@[::1]/`, "redis://[::1]:6379/0", { host: "::1", password }],
    [new URL("rediss://host:1"), "rediss://host:1/0", { port: 1, tls: {} }],
    [{ host: "10.0.0.1", password, tls: { ca: "x" } }, "rediss://10.0.0.1:6379/0", { password, tls: { ca: "x" } }],
  ])("is read from %j", (given, place, parts) => {
    expect(checkConnection(given)).toMatchObject({ place, ...parts });
  });

  it.each<unknown>([
    "host",
    "",
    `:${written}@host`,
    `http://:${written}@host`,
    `redis://:${password}@host`,
    `redis://:s3cret/x@host`,
    `redis://:s3cret%zz@host`,
    `redis://:s3cret@host:99999`,
    `redis://:s3cret@host/one`,
    `redis://:s3cret@host/0?password=s3cret`,
    `redis://:s3cret@host/0#s3cret`,
    "redis://",
    "s3cret",
    { host: "redis://:s3cret@host" },
    { host: "host", passwrod: "s3cret" },
    { host: "host", password: ["s3cret"] },
    { host: "host", tls: "s3cret" },
    { host: "host", port: 0 },
    { host: "host", database: -1 },
    {},
    null,
    7,
    undefined,
  ])("is refused where it is %j, and nothing of it is shown that may be a password", async (connection) => {
    for (const call of [
      async () => queueExecutor({ connection: connection as string }),
      () => runWorker({ connection: connection as string }),
    ]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toMatch(/^connection(\.\w+)? is .*; connection(\.\w+)? must be /);
      // Nor does hiding passwords touch the remedy.
      expect(hidePasswords(error.message)).toBe(error.message);
      expect(isTold(`${error.message} ${error.stack} ${JSON.stringify(error)}`)).toEqual([]);
    }
  });

  it("is shown without its password wherever it appears", () => {
    expect(hidePasswords(`a redis://joe:${password}@host/1 b`)).toBe("a redis://[hidden]@host/1 b");
    expect(hidePasswords("see https://host/path, mail a@b")).toBe("see https://host/path, mail a@b");
  });
});

it("says which packages are missing where they are not installed", async () => {
  const copy = directory.at("copy");
  mkdirSync(join(copy, "node_modules"), { recursive: true });
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  for (const name of ["@assemblyscript", "tinybench"]) symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  writeFileSync(directory.at("sweep.json"), JSON.stringify(tinySweep));
  const sentence =
    "heavyball: sweeps on many machines need the packages bullmq and ioredis, and bullmq is not installed; " +
    "install both beside heavyball: npm install bullmq@6 ioredis@6";
  const main = join(copy, "dist/cli/main.js");
  const worker = await runNode(process.execPath, [main, "worker", "--queue", "redis://127.0.0.1"]);
  expect(worker).toEqual({ code: 1, output: "", errors: sentence });
  const sweep = await runNode(process.execPath, [
    main,
    "sweep",
    directory.at("sweep.json"),
    "--out",
    directory.at("none"),
    "--queue",
    "redis://127.0.0.1",
  ]);
  expect([sweep.code, sweep.errors]).toEqual([1, sentence]);
});

describe.skipIf(!hasRedis)("a password", () => {
  it("of an address is in no output, no file, no list of processes, and not on the server", async () => {
    const server = await startRedis({ password });
    const url = `redis://:${written}@127.0.0.1:${server.port}`;
    const workers = directory.at("workers");
    // A worker whose sweep is under way, with its process for trials.
    const long = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 100_000_000 } };
    writeFileSync(directory.at("long.json"), JSON.stringify(long));
    const worker = spawnWorker(url, ["--out", workers]);
    let listed = "";
    const sweep = await runCommand(
      directory.path,
      ["sweep", "long.json", "--out", "out", "--queue", url, "--checkpoint-seconds", "0.1"],
      (_, kill) => {
        if (listed !== "") return;
        listed = "…";
        void worker.said(/begun/).then(async () => {
          // Time for checkpoints.
          await pause(1000);
          listed = commandLines();
          kill("SIGINT");
        });
      },
    );
    expect(sweep.code).toBe(130);
    expect(sweep.stdout).toMatch(/^1 trial, kept in out, run by the workers of redis:\/\/127\.0\.0\.1:\d+\/0\n/);
    if (process.platform === "linux")
      expect(listed).toMatch(/heavyball worker[\s\S]*trialProcess\.js|trialProcess\.js[\s\S]*heavyball worker/);
    const dump = await contentsOf(server);
    expect(dump.length).toBeGreaterThan(100);
    worker.child.kill("SIGINT");
    await worker.ended;
    const files = [directory.at("out"), workers].flatMap(filesOf).map((file) => `${file} ${readFileSync(file, "latin1")}`);
    expect(files.length).toBeGreaterThan(5);
    expect([sweep.stdout, sweep.stderr, worker.output(), listed, dump, ...files].flatMap(isTold)).toEqual([]);

    // And where it is mistyped, or stands where it does not belong.
    for (const args of [
      ["worker", "--queue", `redis://:${written}x@127.0.0.1:${server.port}`],
      ["worker", "--queue", `redis://:${password}@127.0.0.1:${server.port}`],
      ["worker", url],
      ["sweep", "long.json", url, "--out", "x"],
      ["sweep", url, "--out", "x"],
      ["worker", "--queue", url, "--queue", url],
      ["worker", `--queu=${url}`],
      [url],
    ]) {
      const { code, stdout, stderr } = await runCommand(directory.path, args);
      expect([args[0], code === 1 || code === 2, stderr !== ""]).toEqual([args[0], true, true]);
      expect(isTold(stdout + stderr)).toEqual([]);
    }
    await server.close();
  });

  it("may be given in the environment, where children do not find it", async () => {
    const server = await startRedis({ password });
    const worker = spawnWorker(server.url, [], { ...process.env, HEAVYBALL_QUEUE_PASSWORD: password });
    await worker.said(/^worker on/m);
    worker.child.kill("SIGINT");
    expect(await worker.ended).toBe(130);
    await server.close();
  });
});

/** The command lines of all processes that there are, as anybody sees them. */
function commandLines(): string {
  if (process.platform !== "linux") return "none";
  const own = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return own
    .map((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        // The server of this test has it among its arguments.
        return line.includes("redis-server") ? "" : line;
      } catch {
        return "";
      }
    })
    .join("\n");
}

/** Everything that is on a server, as text. */
async function contentsOf({ client }: Awaited<ReturnType<typeof startRedis>>): Promise<string> {
  const keys = await client.keys("*");
  const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return [...keys, ...values.map((value) => value?.toString("latin1") ?? ""), String(await client.client("LIST"))].join("\n");
}

function filesOf(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)],
  );
}
