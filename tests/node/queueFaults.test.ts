/** What may happen to a sweep on a queue: workers, the sweep itself and the server killed, and workers cut off. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runSweep } from "heavyball";
import { localExecutor, sweepDirectory } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "#internal/queue/workplace";
import { beginWorker, endWorkers, pause, spawnWorker, sweepBy, testDirectory } from "../support/queues.js";
import { hasRedis, withServer } from "../support/redisServer.js";
import { attempts, checkpointSeconds, disturbedSweep, runsOf, runUndisturbed } from "../support/sweepRuns.js";
import { tinyTrial } from "../support/sweeps.js";

const program = fileURLToPath(new URL("../support/queueSweep.mjs", import.meta.url));
const directory = testDirectory("queue-faults");

const sweep = disturbedSweep([1e30, 0.01, 0.003]);
/** Whoever is lost is missed soon. */
const lost = ["--lost-after", "1", "--out", directory.at("workers")];

let whole: Record<string, unknown>;
beforeAll(async () => {
  if (hasRedis) whole = await runUndisturbed(sweep, directory.at("whole"));
});
afterAll(async () => {
  await endWorkers();
  directory.remove();
});

/** Workers that are processes, so many at a time: `replace` kills one and begins another. */
class Crew {
  private readonly workers: ReturnType<typeof spawnWorker>[];
  constructor(
    private readonly url: string,
    size: number,
  ) {
    this.workers = Array.from({ length: size }, () => spawnWorker(url, lost));
  }
  async replace(): Promise<void> {
    const at = Math.floor(Math.random() * this.workers.length);
    const worker = this.workers[at];
    await worker.said(/^worker on/m);
    await pause(Math.random() * 250);
    worker.child.kill("SIGKILL");
    this.workers[at] = spawnWorker(this.url, lost);
  }
  async end(): Promise<void> {
    for (const { child, said } of this.workers) {
      await said(/^worker on/m);
      child.kill("SIGTERM");
    }
    expect(await Promise.all(this.workers.map(({ ended }) => ended))).toEqual(this.workers.map(() => 143));
  }
}

// The machine may have much else to do.
describe.skipIf(!hasRedis)("a sweep on a queue", { timeout: 600_000 }, () => {
  it("whose workers are killed at random 50 times leaves what the local executor leaves", async () => {
    await withServer({}, async (server) => {
      const crew = new Crew(server.url, 3);
      let kills = 0;
      const troubles: string[] = [];
      // The same trials as often as it takes: nothing of them stays on the server.
      for (let round = 0; kills < 50; round++) {
        const name = directory.at(`killed-${round}`);
        let isOver = false;
        const onTrouble = (sentence: string) => troubles.push(sentence);
        const ended = sweepBy(server, sweep, name, { attempts, checkpointSeconds, onTrouble }).finally(() => (isOver = true));
        while (!isOver && kills < 50) {
          await crew.replace();
          kills++;
        }
        await ended;
        expect(runsOf(name)).toEqual(whole);
      }
      expect(troubles).toContainEqual(expect.stringMatching(/^trial [0-9a-f]{12}: its worker was lost or cut off; another goes on/));
      expect(troubles.filter((sentence) => !/its worker was lost or cut off/.test(sentence))).toEqual([]);
      await crew.end();
      // What the killed ones left is removed by those that follow.
      await (await Workplace.open(directory.at("workers"))).close();
      expect(readdirSync(directory.at("workers"))).toEqual([]);
    });
  });

  it("that is killed itself goes on with what its workers have done meanwhile", async () => {
    await withServer({}, async (server) => {
      const file = directory.at("sweep.json");
      writeFileSync(file, JSON.stringify(sweep));
      const begin = (): ChildProcess =>
        spawn(process.execPath, [program, file, directory.at("sweep-killed"), server.url], { stdio: ["ignore", "pipe", "inherit"] });
      const worker = beginWorker(server, { jobs: 2 });
      for (let kills = 0; kills < 3; kills++) {
        const child = begin();
        await new Promise((resolve) => child.stdout!.once("data", resolve));
        await pause(Math.random() * 400);
        child.kill("SIGKILL");
      }
      const last = begin();
      expect(await new Promise((resolve) => last.once("close", resolve))).toBe(0);
      expect(runsOf(directory.at("sweep-killed"))).toEqual(whole);
      const { failed, lost, stopped } = await worker.stop();
      expect({ failed, lost, stopped }).toEqual({ failed: 0, lost: 0, stopped: 0 });
    });
  });

  it("has no harm of a worker that was cut off for longer than it is waited for, and comes back with a result", async () => {
    await withServer({}, async (server) => {
      const cutOff = spawnWorker(server.url, lost);
      await cutOff.said(/^worker on/m);
      const long = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 30_000 } };
      const ended = sweepBy(server, long, directory.at("cut-off"), { attempts, checkpointSeconds });
      await cutOff.said(/begun: from its start/);
      // Its process that runs the trial goes on, and ends it.
      cutOff.child.kill("SIGSTOP");
      const other = beginWorker(server, { lostAfter: 1 });
      const { rows } = await ended;
      expect(other.events.map(({ state }) => state)).toEqual(["begun", "ended"]);
      const local = await runSweep(long, {
        executor: localExecutor({ jobs: 1 }),
        store: sweepDirectory(directory.at("not-cut-off")),
        kernels: "simd",
        checkpointSeconds,
      });
      expect(runsOf(directory.at("cut-off"))).toEqual(runsOf(directory.at("not-cut-off")));
      expect(rows[0].key).toBe(local.rows[0].key);
      cutOff.child.kill("SIGCONT");
      await cutOff.said(/lost: /);
      cutOff.child.kill("SIGTERM");
      await cutOff.ended;
      expect(cutOff.output()).toMatch(/^0 trials ended, 0 failed, 0 given back, 1 taken over by others$/m);
      await other.stop();
      expect(await server.client.keys("heavyball:runs:*")).toEqual([]);
    });
  });

  it("gives up a trial whose workers are lost again and again without a later checkpoint", async () => {
    await withServer({}, async (server) => {
      const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 100_000_000 };
      const ended = sweepBy(server, { trial }, directory.at("hopeless"), { attempts: 1, checkpointSeconds: 1000 });
      const killed = spawnWorker(server.url, lost);
      await killed.said(/begun: from its start/);
      killed.child.kill("SIGKILL");
      const other = beginWorker(server, { lostAfter: 1 });
      const { rows } = await ended;
      expect(rows[0]).toMatchObject({ state: "failed", failure: { code: "WORKER_LOST", message: expect.stringMatching(/lost 1 times/) } });
      await other.stop();
    });
  });
});
