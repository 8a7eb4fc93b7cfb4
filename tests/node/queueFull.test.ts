/** Servers without room: what is told on both sides, and that everything comes to an end and is taken up by a second run. */
import { runSweep, type Sweep } from "heavyball";
import { localExecutor, sweepDirectory } from "heavyball/node";
import type { QueueError, WorkerEvent } from "heavyball/queue";
import { afterAll, describe, expect, it } from "vitest";
import { checkConnection } from "#internal/queue/address";
import { loadPackages } from "#internal/queue/packages";
import { Presence } from "#internal/queue/presence";
import { Server } from "#internal/queue/server";
import { SweepQueue } from "#internal/queue/sweepQueue";
import { wantsOf } from "#internal/queue/wants";
import { QueueWorker } from "#internal/queue/worker";
import { rejection } from "../support/failures.js";
import { beginWorker, endWorkers, sweepBy, testDirectory, until } from "../support/queues.js";
import { hasRedis, type RedisServer, withServer } from "../support/redisServer.js";
import { outcomes, tinyTrial } from "../support/sweeps.js";

const directory = testDirectory("queue-full");
const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await endWorkers();
  await Promise.all(stops.map((stop) => stop()));
  directory.remove();
});

/** What takes five minutes otherwise; longer than a worker's silence of a second. */
const tries = { times: 3, pause: 700 };

/** A worker that gives up sooner. */
async function hurriedWorker({ url }: RedisServer) {
  const controller = new AbortController();
  const [events, troubles]: [WorkerEvent[], string[]] = [[], []];
  const worker = await QueueWorker.open(await loadPackages(), checkConnection(url), {
    jobs: 1,
    threads: 1,
    kernels: "simd",
    lostAfter: 1000,
    tries,
    signal: controller.signal,
    data: undefined,
    directory: undefined,
    onReady: () => {},
    onEvent: (event) => events.push(event),
    onTrouble: (sentence) => troubles.push(sentence),
  });
  const ended = worker!.run().finally(() => worker!.close());
  const stop = () => {
    controller.abort();
    return ended;
  };
  stops.push(stop);
  return { events, troubles, stop };
}

/** A sweep that does. */
function hurriedSweep(
  { url }: RedisServer,
  sweep: Sweep,
  name: string,
  { jobs = 2, ...options }: { jobs?: number } & Partial<Parameters<typeof runSweep>[1]> = {},
) {
  const limits = { jobs, attempts: 3, tries };
  return runSweep(sweep, {
    executor: { open: async (opened) => SweepQueue.open(await loadPackages(), checkConnection(url), opened, limits) },
    store: sweepDirectory(directory.at(name)),
    kernels: "simd",
    ...options,
  });
}

const runLocally = (sweep: Sweep, name: string) =>
  runSweep(sweep, { executor: localExecutor({ jobs: 1, threads: 1 }), store: sweepDirectory(directory.at(name)), kernels: "simd" });

const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
/** Checkpoints of ten megabytes, models and best models of more than three each. */
const wide = { trial: { ...trial, task: { ...tinyTrial.task, hidden: 900 }, updates: 8 } };
const lighter = "raise maxmemory on the server, or run the sweep with --keep records, so that records alone go through it";

// The machine may have much else to do.
describe.skipIf(!hasRedis)("a server without room for what a trial left", { timeout: 600_000 }, () => {
  let whole: Promise<Awaited<ReturnType<typeof runSweep>>> | undefined;
  it.each([
    ["8mb", "no checkpoint either", "from its start"],
    ["16mb", "its last checkpoint", "from its checkpoint after 8 updates"],
  ])("is told on both sides, and the trial fails until there is room (%s: for %s)", async (maxmemory, name, goesOn) => {
    await withServer({ maxmemory }, async (server) => {
      const worker = await hurriedWorker(server);
      // Of checkpoints the last alone, which "all" keeps; where there is no room for one, more of them.
      const checkpointSeconds = name === "its last checkpoint" ? 1000 : 0.02;
      const { rows, troubles } = await hurriedSweep(server, wide, name, { checkpointSeconds });
      const refused = String.raw`what it left is not on redis://127\.0\.0\.1:\d+/0`;
      const why = String.raw`(no room for \d+ bytes: \d+ of its \d+ are in use, and a tenth is spared|OOM command not allowed .*)`;
      const end = `it is offered 3 times, and then the trial has failed; ${lighter}`;
      const result = new RegExp(String.raw`^trial [0-9a-f]{12}: ${refused} \(${why}\); ${end}$`);
      const checkpoint = new RegExp(
        String.raw`^trial .*: its checkpoint is not on .* \(${why}\); it goes on without; raise maxmemory on the server$`,
      );
      const kinds = name === "its last checkpoint" ? [result] : [checkpoint, result];
      expect(worker.troubles).toEqual(kinds.map((kind) => expect.stringMatching(kind)));
      const told = [
        /^the worker .* \(process \d+\) goes on without checkpoints on redis:\S+, which has no room .*; raise maxmemory on the server$/,
        new RegExp(String.raw`^the worker .* \(process \d+\) has ended trial [0-9a-f]{12}, and ${refused} \(${why}\); ${end}$`),
      ];
      expect(troubles).toEqual(told.slice(-kinds.length).map((kind) => expect.stringMatching(kind)));
      const message = expect.stringMatching(new RegExp(String.raw`^it ended, and ${refused}, offered 3 times \(${why}\); ${lighter}$`));
      expect(rows).toMatchObject([{ state: "failed", failure: { code: "QUEUE", message } }]);

      await server.client.config("SET", "maxmemory", "0");
      const again = await hurriedSweep(server, wide, name);
      expect(worker.events.map(({ state, message }) => [state, message])).toEqual([
        ["begun", "from its start"],
        ["failed", message],
        ["begun", goesOn],
        ["ended", expect.any(String)],
      ]);
      whole ??= runLocally(wide, "by this machine");
      expect(outcomes(again)).toEqual(outcomes(await whole));
      await worker.stop();
    });
  });

  it("has room for what a trial left where its checkpoint was, if that is not to be kept", async () => {
    await withServer({ maxmemory: "16mb" }, async (server) => {
      const worker = await hurriedWorker(server);
      const { rows } = await hurriedSweep(server, wide, "in its place", { checkpointSeconds: 0.02, keep: "models" });
      // There was a checkpoint, which a second one would not have had room beside; nor would the models.
      expect(worker.troubles).toContainEqual(expect.stringContaining("its checkpoint is not on"));
      expect(worker.troubles).toContainEqual(expect.stringContaining("what it left is not on"));
      expect(rows).toMatchObject([{ state: "ended" }]);
      await worker.stop();
    });
  });

  it("is offered it for as long as all sweeps are away that want it", async () => {
    await withServer({ maxmemory: "8mb" }, async (server) => {
      const worker = await hurriedWorker(server);
      const controller = new AbortController();
      const left = hurriedSweep(server, wide, "away", { signal: controller.signal });
      await until(() => worker.troubles.some((sentence) => sentence.includes("what it left is not on")), "refused");
      // As when it had been killed a minute ago.
      const [sweeper] = await server.client.keys("heavyball:sweeper:*");
      const text = (await server.client.get(sweeper))!;
      const hide = setInterval(() => void server.client.del(sweeper), 20);
      await server.client.del(sweeper);
      await new Promise((resolve) => setTimeout(resolve, 2 * tries.times * tries.pause));
      expect(worker.events.map(({ state }) => state)).toEqual(["begun"]);
      clearInterval(hide);
      await server.client.config("SET", "maxmemory", "0");
      await server.client.set(sweeper, text);
      expect((await left).rows).toMatchObject([{ state: "ended" }]);
      await worker.stop();
    });
  });
});

describe.skipIf(!hasRedis)("a server that takes nothing at all any more", () => {
  it("ends a sweep whose trials run, wait, or are not there yet; none counts as lost, and all are taken up", async () => {
    await withServer({}, async (server) => {
      const worker = await hurriedWorker(server);
      const sweep = { trial: { ...trial, updates: 30_000 }, grid: { seed: [1, 2, 3] } };
      const running = hurriedSweep(server, sweep, "nothing");
      await until(() => worker.events.length > 0, "begun");
      await until(async () => (await server.client.keys("heavyball:*:wait")).length > 0, "one that waits");
      await server.client.config("SET", "maxmemory", "1");
      const { rows, troubles } = await running;
      const oom = String.raw`\(OOM command not allowed when used memory > 'maxmemory'\)`;
      const place = String.raw`redis://127\.0\.0\.1:\d+/0`;
      expect(rows.map(({ state, failure }) => [state, failure?.code])).toEqual(Array(3).fill(["failed", "QUEUE"]));
      const messages = rows.map(({ failure }) => failure!.message).join("\n");
      for (const sentence of [
        `^it ended, and what it left is not on ${place}, offered 3 times \\(.+\\); ${lighter}$`,
        `^${place} refuses ${oom}, asked \\d+ times, so that no worker could take it; ${lighter}$`,
        `^${place} has refused trial [0-9a-f]{12} 3 times ${oom}; raise maxmemory on the server$`,
      ])
        expect(messages).toMatch(new RegExp(sentence, "m"));
      expect(troubles).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^${place} refuses ${oom}: no worker can take a trial; it is asked 3 times, and then those that wait have failed; ${lighter}$`,
          ),
        ),
      );
      expect(worker.troubles).toContainEqual(
        expect.stringMatching(new RegExp(`^${place} refuses: OOM .*'maxmemory'; it is asked again; raise maxmemory on the server$`)),
      );
      expect(worker.events.map(({ state }) => state)).toEqual(["begun", "failed"]);
      await server.client.config("SET", "maxmemory", "0");
      const again = await hurriedSweep(server, sweep, "nothing");
      expect(outcomes(again)).toEqual(outcomes(await runLocally(sweep, "nothing, by this machine")));
      await worker.stop();
    });
  });

  it("is told once, however many trials it refuses", async () => {
    await withServer({ maxmemory: "1" }, async (server) => {
      const sweep = { trial, grid: { seed: Array.from({ length: 40 }, (_, seed) => seed) } };
      // Of Node's, which go to the command's output as well.
      const warnings: string[] = [];
      const hear = (warning: Error): void => void warnings.push(warning.message);
      process.on("warning", hear);
      const { rows, troubles } = await hurriedSweep(server, sweep, "many", { jobs: 20 });
      process.off("warning", hear);
      expect(warnings).toEqual([]);
      expect(rows.map(({ state }) => state)).toEqual(Array(40).fill("failed"));
      expect(troubles).toEqual([
        expect.stringMatching(
          /^redis:\S+ takes no trials \(OOM .*\); each is offered 3 times, and then it has failed; raise maxmemory on the server$/,
        ),
      ]);
    });
  });

  it("knows for as long as it lasts that a sweep is there, and has it told of workers that are not for it", async () => {
    await withServer({}, async (server) => {
      const words: string[] = [];
      const connected = (await Server.open(await loadPackages(), checkConnection(server.url), { onTrouble: () => {} }))!;
      const presence = new Presence(connected, "one", { onWord: (sentence) => words.push(sentence), onRefused: () => {} });
      await presence.announce({ ...wantsOf("simd"), version: "9.9.9" });
      await server.client.expire("heavyball:sweeper:one", 10);
      await server.client.config("SET", "maxmemory", "1");
      expect((await rejection(presence.tell())).message).toMatch(/^EXECABORT/);
      expect(await server.client.ttl("heavyball:sweeper:one")).toBeGreaterThan(10);
      const error = await rejection(beginWorker(server).ended);
      expect((error as QueueError).trouble).toBe("refused");
      await rejection(presence.tell());
      expect(words).toEqual([expect.stringMatching(/^the worker .* takes no trial of this sweep: it wants heavyball 9\.9\.9/)]);
      await presence.end();
      expect(await server.client.keys("heavyball:sweeper*")).toEqual([]);
      connected.disconnect();
    });
  });

  it("does not keep a sweep from being stopped", async () => {
    await withServer({ maxmemory: "1" }, async (server) => {
      const controller = new AbortController();
      const onTrouble = (): void => controller.abort();
      const options = { signal: controller.signal, onTrouble };
      const { rows, isStopped, troubles } = await sweepBy(server, { trial }, directory.at("stopped"), options);
      expect([isStopped, rows.map(({ state }) => state)]).toEqual([true, ["stopped"]]);
      expect(troubles).toEqual([
        expect.stringMatching(
          /^redis:\S+ takes no trials \(OOM .*\); each is offered 150 times, and then it has failed; raise maxmemory on the server$/,
        ),
      ]);
    });
  });
});
