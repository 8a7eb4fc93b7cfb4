/** Users who lack rights: before a sweep's first trial, and of a sweep and a worker that are at work. */
import { writeFileSync } from "node:fs";
import { sweepDirectory } from "heavyball/node";
import { QueueError } from "heavyball/queue";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { beginWorker, endWorkers, sweepBy, testDirectory, until } from "../support/queues.js";
import { hasRedis, type RedisServer, withServer } from "../support/redisServer.js";
import { tinySweep, tinyTrial } from "../support/sweeps.js";

const directory = testDirectory("queue-rights");
writeFileSync(directory.at("sweep.json"), JSON.stringify(tinySweep));
afterAll(async () => {
  await endWorkers();
  directory.remove();
});

const needed = ["~heavyball:*", "&*", "+@all", "-@admin", "-@dangerous", "+info"];
const remedy = `its user lacks rights that a queue needs: give it ${needed.join(" ")}`;

/** Gives joe these rights and no others. */
const setRights = ({ client }: RedisServer, ...rights: string[]) =>
  client.call("ACL", "SETUSER", "joe", "reset", "on", ">s3cret", ...rights);

const addressOf = ({ port }: RedisServer) => `redis://joe:s3cret@127.0.0.1:${port}`;

/** That an error is the one for a server that cannot be used, for want of rights. */
function expectRightless(error: Error): void {
  expect([error.constructor, (error as QueueError).trouble]).toEqual([QueueError, "unreachable"]);
  expect(error.message).toMatch(/^the queue's server redis:\S+ cannot be used \((NOPERM|ERR ACL|ERR The user executing the script) /);
  expect(error.message.endsWith(`); ${remedy}`)).toBe(true);
}

/** The states of what a directory holds. */
const statesIn = async (name: string) => [...(await sweepDirectory(directory.at(name)).list()).trials.values()].map(({ state }) => state);

describe.skipIf(!hasRedis)("a sweep whose user lacks rights ends before its first trial, in a sentence with the remedy", () => {
  it.each([
    ["is let in and no more", ["+info", "+@connection"]],
    ["has other keys", ["~other:*", ...needed.slice(1)]],
    ["has no scripts", [...needed, "-@scripting"]],
    ["has not what scripts of BullMQ do", [...needed, "-hmset"]],
    ["has not what transactions do", [...needed, "-sadd"]],
    ["has not what trials are looked at with", [...needed, "-hmget"]],
  ])("as one who %s", async (name, rights) => {
    await withServer({}, async (server) => {
      await setRights(server, ...rights);
      const [troubles, states]: [string[], string[]] = [[], []];
      const options = { onTrouble: (said: string) => troubles.push(said), onRow: ({ state }: { state: string }) => states.push(state) };
      expectRightless(await rejection(sweepBy({ url: addressOf(server) }, tinySweep, directory.at(name), options)));
      expect(troubles).toEqual([]);
      expect(new Set(states)).toEqual(new Set(["stopped"]));
      expect(await statesIn(name)).toEqual([]);
    });
  });

  it("as the command", async () => {
    await withServer({}, async (server) => {
      await setRights(server, "+info", "+@connection");
      const { code, stderr } = await runCommand(directory.path, ["sweep", "sweep.json", "--out", "command", "--queue", addressOf(server)]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^heavyball: the queue's server \S+ cannot be used \(NOPERM [^\n]*\n$/)]);
      expect(stderr.endsWith(`; ${remedy}\n`)).toBe(true);
      expect(await statesIn("command")).toEqual([]);
    });
  });
});

/** Until it is stopped. */
const endless = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 1_000_000_000 } };
const short = { trial: { ...endless.trial, updates: 6 } };

describe.skipIf(!hasRedis)("rights that are taken away", () => {
  it.each([
    ["all of them", ["+info", "+@connection"]],
    ["to look at trials", [...needed, "-hmget"]],
    ["to say that it is there", [...needed, "-lpop"]],
  ])("end a sweep at work: %s", async (name, rights) => {
    await withServer({}, async (server) => {
      await setRights(server, ...needed);
      const worker = beginWorker(server);
      const sweep = rejection(sweepBy({ url: addressOf(server) }, endless, directory.at(name)));
      await until(() => worker.events.length > 0, "begun");
      await setRights(server, ...rights);
      expectRightless(await sweep);
      expect(await statesIn(name)).not.toContain("failed");
      await worker.stop();
    });
  });

  it("leave what workers have computed to the next run", async () => {
    await withServer({}, async (server) => {
      await setRights(server, ...needed, "-get");
      const worker = beginWorker(server);
      expectRightless(await rejection(sweepBy({ url: addressOf(server) }, short, directory.at("fetched"))));
      expect(await statesIn("fetched")).toEqual([]);
      await setRights(server, ...needed);
      const { rows } = await sweepBy({ url: addressOf(server) }, short, directory.at("fetched"));
      expect(rows.map(({ state }) => state)).toEqual(["ended"]);
      expect(worker.events.map(({ state }) => state)).toEqual(["begun", "ended"]);
      await worker.stop();
    });
  });

  it.each([
    ["which has other keys for trials", ["+@all", "~heavyball:sweeper*"]],
    ["which has no scripts", [...needed, "-@scripting"]],
  ])("are those of a worker, which ends as soon as there are trials: %s", async (name, rights) => {
    await withServer({}, async (server) => {
      await setRights(server, ...rights);
      const worker = beginWorker({ url: addressOf(server) });
      await worker.ready;
      const controller = new AbortController();
      const sweep = sweepBy(server, short, directory.at(name), { signal: controller.signal });
      expectRightless(await rejection(worker.ended));
      controller.abort();
      expect((await sweep).isStopped).toBe(true);
    });
  });
});
