/** Servers that are gone, come back, or are full. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beginWorker, endWorkers, pause, sweepBy, testDirectory, until } from "../support/queues.js";
import { hasRedis, withServer } from "../support/redisServer.js";
import { attempts, checkpointSeconds, disturbedSweep, runsOf, runUndisturbed } from "../support/sweepRuns.js";
import { tinyTrial } from "../support/sweeps.js";

const directory = testDirectory("queue-server");

const sweep = disturbedSweep([0.01, 0.003]);

let whole: Record<string, unknown>;
beforeAll(async () => {
  if (hasRedis) whole = await runUndisturbed(sweep, directory.at("whole"));
});
afterAll(async () => {
  await endWorkers();
  directory.remove();
});

describe.skipIf(!hasRedis)("a sweep on a queue", () => {
  it.each([
    [true, "with what it knew"],
    [false, "knowing nothing"],
  ])("goes on when its server is killed and started anew (%s)", async (keeps, what) => {
    await withServer({ keeps }, async (server) => {
      const worker = beginWorker(server, { jobs: 2, lostAfter: 2.0001 });
      const name = directory.at(`restarted-${keeps}`);
      const troubles: string[] = [];
      const onTrouble = (sentence: string) => troubles.push(sentence);
      const ended = sweepBy(server, sweep, name, { attempts, checkpointSeconds, onTrouble });
      for (let restarts = 1; restarts <= 2; restarts++) {
        await until(() => worker.events.filter(({ state }) => state === "begun").length >= 2 * restarts, `at work ${what}`);
        await server.restart();
      }
      await ended;
      expect(runsOf(name)).toEqual(whole);
      if (!keeps)
        expect(troubles).toContainEqual(expect.stringMatching(/no longer on redis:\S+, which may have been started anew; enqueued again$/));
      await worker.stop();
    });
  });

  it("goes on without checkpoints on a server that has no room for them, and waits for room for what is left in the end", async () => {
    await withServer({ maxmemory: "4mb" }, async (server) => {
      // Four hundred units: checkpoints of two megabytes.
      const trial = {
        ...tinyTrial,
        task: { ...tinyTrial.task, hidden: 400 },
        optimizer: { method: "sgd", learningRate: 0.01 },
        updates: 60,
      };
      const worker = beginWorker(server);
      await worker.ready;
      await server.client.set("of somebody else", Buffer.alloc(2 ** 20));
      let isOver = false;
      const ended = sweepBy(server, { trial }, directory.at("full"), { keep: "models", checkpointSeconds }).finally(() => (isOver = true));
      const refused =
        /not on redis:\S+ \(no room for \d+ bytes: \d+ of its 4194304 are in use, and a tenth is spared\); it goes on without; raise /;
      await until(() => worker.troubles.some((sentence) => refused.test(sentence)), "refused");
      await pause(1000);
      expect(isOver).toBe(false);
      await server.client.config("SET", "maxmemory", "0");
      expect((await ended).rows[0].record?.update).toBe(60);
      await worker.stop();
    });
  });

  it("can be stopped while its server is gone, and so can a worker, in a bounded time", async () => {
    await withServer({}, async (server) => {
      const endless = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 100_000_000 } };
      const controller = new AbortController();
      const worker = beginWorker(server);
      const ended = sweepBy(server, endless, directory.at("gone"), { signal: controller.signal });
      await until(() => worker.events.length > 0, "begun");
      await server.kill();
      await until(() => worker.troubles.length > 0, "told of the loss");
      expect(worker.troubles).toEqual([expect.stringMatching(/^the connection to the queue's server redis:\S+ is lost \(.*ECONNREFUSED/)]);
      controller.abort();
      const stopped = worker.stop();
      const { rows, isStopped, troubles } = await ended;
      expect([isStopped, rows[0].state]).toEqual([true, "stopped"]);
      expect(troubles).toContainEqual(expect.stringContaining("is lost"));
      expect(await stopped).toMatchObject({ ended: 0 });
      expect(worker.troubles.at(-1)).toMatch(
        /does not answer: trials that could not be given back go on from their last checkpoints there$/,
      );
    });
  });
});
