import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { countTrials, memorySweepStore, runSweep, type Sweep } from "heavyball";
import { dataFiles, localExecutor, sweepDirectory } from "heavyball/node";
import { QueueError } from "heavyball/queue";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { obstacle, queueNameOf, wantsOf } from "#internal/queue/wants";
import { VERSION } from "#internal/version";
import { rejection } from "../support/failures.js";
import { beginWorker, endWorkers, sweepBy, testDirectory, until } from "../support/queues.js";
import { hasRedis, type RedisServer, startRedis } from "../support/redisServer.js";
import { runsOf } from "../support/sweepRuns.js";
import { models, outcomes, tinySweep, tinyTrial } from "../support/sweeps.js";

const directory = testDirectory("queue");
let server: RedisServer;
beforeAll(async () => {
  if (hasRedis) server = await startRedis();
});
afterEach(async () => {
  await endWorkers();
  if (hasRedis) await server.client.flushall();
});
afterAll(async () => {
  await server?.close();
  directory.remove();
});

const table = (name: string, factor: number) => {
  const path = directory.at(name);
  writeFileSync(path, `a,b,kind\n${Array.from({ length: 40 }, (_, i) => `${i},${factor * i * i},${i % 2 ? "odd" : "even"}\n`).join("")}`);
  return dataFiles(path);
};
const dataTrial = { task: { name: "data", hidden: [4] }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5, batchSize: 8 };
/** Trials that do not end by themselves. */
const endless: Sweep = { trial: { ...tinyTrial, updates: 100_000_000 }, grid: { "optimizer.learningRate": [0.01, 0.003] } };

/** The files of a directory, as they are. */
const filesIn = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(`${path}/${name}`, "latin1")]));

/** What is on the server of trials; BullMQ keeps some words about the queue itself. */
async function leftOnServer(): Promise<string[]> {
  const own = /:(id|meta|events|marker|stalled-check|stalled)$/;
  return (await server.client.keys("*")).filter((key) => !own.test(key));
}

describe.skipIf(!hasRedis)("a sweep by workers on a queue", () => {
  it("leaves what the local executor leaves, and nothing on the server", async () => {
    const sweep = { trial: { ...tinyTrial, updates: 4000 }, grid: tinySweep.grid! };
    const options = { kernels: "simd", checkpointSeconds: 0.05 } as const;
    const local = directory.at("local");
    await runSweep(sweep, { executor: localExecutor({ jobs: 2, threads: 1 }), store: sweepDirectory(local), ...options });
    const workers = [beginWorker(server), beginWorker(server)];
    const result = await sweepBy(server, sweep, directory.at("queue"), options);
    expect(result.troubles).toEqual([]);
    expect(runsOf(directory.at("queue"))).toEqual(runsOf(local));
    const summaries = await Promise.all(workers.map((worker) => worker.stop()));
    expect(summaries.reduce((sum, { ended }) => sum + ended, 0)).toBe(countTrials(sweep));
    expect(await leftOnServer()).toEqual([]);
  });

  it("chooses by successive halving, keeps in any store what it is told to, and finds what is there", async () => {
    const worker = beginWorker(server);
    const store = memorySweepStore();
    const pilot = { ...tinySweep, trial: { ...tinyTrial, updates: 40 }, pilot: { share: 0.25 } };
    const first = await sweepBy(server, pilot, directory.path, { store, keep: "models" });
    const local = directory.at("pilot");
    const same = await runSweep(pilot, { executor: localExecutor({ jobs: 1 }), store: sweepDirectory(local), kernels: "simd" });
    expect(outcomes(first)).toEqual(outcomes(same));
    expect(await models(store, first)).toEqual(await models(sweepDirectory(local), same));
    const ended = first.rows.find(({ record }) => record?.end.code === "finished")!;
    expect((await store.run(ended.key).names()).filter((name) => name.startsWith("checkpoint"))).toEqual([]);
    const again = await sweepBy(server, pilot, directory.path, { store });
    expect(again.rows.every(({ isFound }) => isFound)).toBe(true);
    await worker.stop();
  });

  it("shares its trials with another that has them too: each is run once", async () => {
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 }, updates: 2000 };
    const sweep = { trial, grid: { seed: [1, 2, 3, 4, 5, 6] } };
    const both = Promise.all([sweepBy(server, sweep, directory.at("one")), sweepBy(server, sweep, directory.at("other"))]);
    await until(async () => (await server.client.scard("heavyball:sweepers")) === 2, "two sweeps at work");
    const worker = beginWorker(server);
    const [one, other] = await both;
    expect(outcomes(other)).toEqual(outcomes(one));
    expect(Object.keys(outcomes(one))).toHaveLength(6);
    expect((await worker.stop()).ended).toBe(6);
    expect(await leftOnServer()).toEqual([]);
  });

  it("has no more than so many of its trials on the server at a time, and takes them off when it is stopped", async () => {
    const million = {
      trial: tinyTrial,
      grid: { seed: Array.from({ length: 1000 }, (_, i) => i), batchSize: Array.from({ length: 1000 }, (_, i) => i + 1) },
    };
    const sweep = { ...million, trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } } };
    expect(countTrials(sweep)).toBe(1_000_000);
    const controller = new AbortController();
    const running = sweepBy(server, sweep, directory.at("million"), { jobs: 5, signal: controller.signal });
    const waiting = `heavyball:${queueNameOf(wantsOf("simd"))}:wait`;
    await until(async () => (await server.client.llen(waiting)) >= 5, "five trials enqueued");
    expect(await server.client.llen(waiting)).toBe(5);
    controller.abort();
    const { isStopped, rows } = await running;
    expect([isStopped, rows.map(({ state }) => state)]).toEqual([true, Array(5).fill("stopped")]);
    expect(await leftOnServer()).toEqual([]);
  });

  it("that is stopped has the checkpoints of its workers, and goes on with or without them", async () => {
    const worker = beginWorker(server, { jobs: 2 });
    const controller = new AbortController();
    const path = directory.at("stopped");
    const stopped = await sweepBy(server, endless, path, {
      signal: controller.signal,
      onProgress: ({ running }) => {
        if (running.length === 2 && running.every(({ progress }) => (progress?.update ?? 0) > 0)) controller.abort();
      },
    });
    expect(stopped.rows.map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    for (const { key } of stopped.rows)
      expect([...(await sweepDirectory(path).run(key).names())].sort()).toEqual(["checkpoint.bin", "spec.json"]);
    expect(await worker.stop()).toMatchObject({ stopped: 2 });
    expect(await leftOnServer()).toEqual([]);

    const again = new AbortController();
    const another = beginWorker(server, { jobs: 2 });
    await sweepBy(server, endless, path, {
      signal: again.signal,
      onProgress: () => {
        if (another.events.filter(({ state }) => state === "begun").length === 2) again.abort();
      },
    });
    expect(another.events.filter(({ message }) => /^from its checkpoint after \d+ updates$/.test(message))).toHaveLength(2);
    await another.stop();
  });

  it("goes on with whatever whole checkpoint a run has, and leaves one of another trial until it is told to repair", async () => {
    const path = directory.at("begun");
    const controller = new AbortController();
    const onProgress: Parameters<typeof runSweep>[1]["onProgress"] = ({ running }) => {
      if (running.length === 2 && running.every(({ progress }) => (progress?.update ?? 0) > 0)) controller.abort();
    };
    const local = { executor: localExecutor({ jobs: 2, threads: 1 }), store: sweepDirectory(path), kernels: "simd" } as const;
    const { rows } = await runSweep(endless, { ...local, signal: controller.signal, onProgress });
    const [own, other] = rows.map(({ key }) => directory.at(`begun/trials/${key}`));
    // As a process is killed between its two renames; and a run in another's place.
    renameSync(`${own}/checkpoint.bin`, `${own}/checkpoint.previous.bin`);
    writeFileSync(`${other}/spec.json`, readFileSync(`${own}/spec.json`));
    const before = filesIn(other);
    const worker = beginWorker(server, { jobs: 2 });
    const begun = () => worker.events.filter(({ state }) => state === "begun").map(({ message }) => message);
    const runUntil = async (count: number, repair: boolean) => {
      const again = new AbortController();
      const onProgress = () => void (begun().length >= count && again.abort());
      return sweepBy(server, endless, path, { signal: again.signal, onProgress, repair });
    };
    const { state, failure } = (await runUntil(1, false)).rows[1];
    expect([state, failure?.message]).toEqual([
      "failed",
      expect.stringMatching(/ holds the run of another trial: spec\..* is begun anew when asked for \(repair\)$/),
    ]);
    expect(begun()).toEqual([expect.stringMatching(/^from its checkpoint after \d+ updates$/)]);
    expect(filesIn(other)).toEqual({ ...before, "failure.json": expect.anything() });
    const mended = await runUntil(3, true);
    expect(mended.rows.map((row) => row.state)).toEqual(["stopped", "stopped"]);
    expect(begun().slice(1)).toContain("from its start");
    expect(filesIn(other)["damaged.spec.json"]).toEqual(before["spec.json"]);
    await worker.stop();
  });

  it("loses nothing to a worker that is told to end: it gives its trial back, and another goes on", async () => {
    const trial = { ...endless.trial, optimizer: { method: "sgd", learningRate: 0.01 } };
    const controller = new AbortController();
    const first = beginWorker(server);
    let isMoving = false;
    const running = sweepBy(server, { trial }, directory.at("back"), {
      checkpointSeconds: 1000,
      signal: controller.signal,
      onProgress: ({ running }) => {
        isMoving ||= running.some(({ progress }) => (progress?.update ?? 0) > 0);
      },
    });
    await until(() => isMoving, "on its way");
    expect(await first.stop()).toEqual({ ended: 0, failed: 0, stopped: 1, lost: 0 });
    const second = beginWorker(server);
    await until(() => second.events.length > 0, "taken up by another");
    expect(second.events[0].message).toMatch(/^from its checkpoint after [1-9]\d* updates$/);
    controller.abort();
    const { rows } = await running;
    expect(rows.map(({ state }) => state)).toEqual(["stopped"]);
    expect(await second.stop()).toEqual({ ended: 0, failed: 0, stopped: 1, lost: 0 });
  });

  it("tries a trial that throws on another worker, and in the end says why", async () => {
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
    const place = directory.at("broken");
    const broken = beginWorker(server, { directory: place });
    await broken.ready;
    const [own] = readdirSync(place);
    rmSync(directory.at("broken", own), { recursive: true });
    writeFileSync(directory.at("broken", own), "in the way");
    const failed = await sweepBy(server, { trial }, directory.at("failed"), { attempts: 1 });
    expect(failed.rows[0]).toMatchObject({ state: "failed", failure: { code: "STORE", message: expect.stringContaining(place) } });

    const another = { trial: { ...trial, seed: 8 } };
    const running = sweepBy(server, another, directory.at("failed"), { attempts: 4 });
    await until(() => broken.events.filter(({ state }) => state === "failed").length === 2, "failed once more");
    const whole = beginWorker(server);
    const { rows, troubles } = await running;
    expect(rows[0].state).toBe("ended");
    expect(troubles).toContainEqual(expect.stringMatching(/^trial [0-9a-f]{12} failed on .* \(.*\); it is tried again elsewhere$/));
    expect(await whole.stop()).toMatchObject({ ended: 1 });
    await broken.stop();
  });
});

describe.skipIf(!hasRedis)("data from outside", () => {
  it("are those of the sweep, or the worker is refused, and both are told", async () => {
    const data = table("data.csv", 1);
    const told: string[] = [];
    const options = { data, onTrouble: (sentence: string) => told.push(sentence) };
    const running = sweepBy(server, { trial: dataTrial, grid: { seed: [1, 2] } }, directory.at("data"), options);
    await until(async () => (await server.client.scard("heavyball:sweepers")) === 1, "a sweep at work");
    const none = await rejection(beginWorker(server).ended);
    expect(none).toBeInstanceOf(QueueError);
    expect(none.message).toMatch(
      /^a sweep on redis:\S+ is not for this worker: it trains data, and this worker has no data: give it the files/,
    );
    const others = await rejection(beginWorker(server, { data: table("other.csv", 2) }).ended);
    expect(others.message).toMatch(
      /it trains data on data with the SHA-256 [0-9a-f]{12}\.\.\., this worker's have [0-9a-f]{12}\.\.\.: give it the same/,
    );
    const missing = await rejection(beginWorker(server, { data: dataFiles(directory.at("nothing.csv")) }).ended);
    expect(missing.message).toMatch(
      /it trains data, and this worker's data are not what that takes: data is .* must be a directory or a file/,
    );
    const isOfRefusal = (sentence: string) => /^the worker .* \(process \d+\) takes no trial of this sweep: it trains data/.test(sentence);
    await until(() => told.filter(isOfRefusal).length === 3, "told of three workers that were refused");
    const worker = beginWorker(server, { data });
    const { rows } = await running;
    const local = await runSweep(
      { trial: dataTrial, grid: { seed: [1, 2] } },
      { executor: localExecutor({ jobs: 1 }), store: sweepDirectory(directory.at("local-data")), data, kernels: "simd" },
    );
    expect(outcomes({ rows })).toEqual(outcomes(local));
    expect(rows[0].record?.data).toMatch(/^[0-9a-f]{64}$/);
    await worker.stop();
  });
});

describe.skipIf(!hasRedis)("a worker", () => {
  /** A sweep that wants something else, as another version would tell it. */
  const announce = async (wants: object) => {
    await server.client.sadd("heavyball:sweepers", "another");
    await server.client.set("heavyball:sweeper:another", JSON.stringify([{ ...wantsOf("simd"), ...wants }]), "EX", 60);
  };

  it.each<[object, RegExp]>([
    [
      { version: "9.9.9" },
      /: it wants heavyball 9\.9\.9, and this worker is \d.*: install the same version on both sides \(npm install heavyball@9/,
    ],
    [{ numerics: 99 }, /: it wants numerics version 99, and this worker computes \d+: install the same version on both sides$/],
    [
      { kernels: "relaxed" },
      /: it wants relaxed kernels, and this worker was asked for simd: start it with kernels relaxed, or leave that out$/,
    ],
  ])("is refused where sweeps want %j of it, in a sentence", async (wants, sentence) => {
    await announce(wants);
    const error = await rejection(beginWorker(server, { kernels: "simd" }).ended);
    expect([error.constructor, (error as QueueError).trouble]).toEqual([QueueError, "refused"]);
    expect(error.message).toMatch(/^a sweep on redis:\/\/127\.0\.0\.1:\d+\/0 is not for this worker: /);
    expect(error.message).toMatch(sentence);
  });

  it("that is for one of two sweeps takes the trials of that one, and is told of the other", async () => {
    await announce({ version: "9.9.9" });
    const running = sweepBy(server, { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } } }, directory.at("mine"));
    await until(async () => (await server.client.scard("heavyball:sweepers")) === 2, "two sweeps at work");
    const worker = beginWorker(server);
    expect((await running).rows[0].state).toBe("ended");
    expect(worker.troubles).toEqual([expect.stringContaining("it wants heavyball 9.9.9")]);
    await worker.stop();
  });

  it("takes nothing of a sweep that is gone, and drops what nobody wants", async () => {
    const gone = new AbortController();
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
    const left = sweepBy(server, { trial }, directory.at("gone"), { signal: gone.signal });
    const queue = `heavyball:${queueNameOf(wantsOf("simd"))}`;
    await until(async () => (await server.client.llen(`${queue}:wait`)) === 1, "enqueued");
    // As when it had been killed a minute ago, and another sweep of such trials has come.
    const [id] = await server.client.smembers("heavyball:sweepers");
    const [wanted] = await server.client.keys("heavyball:runs:*:wanted");
    await server.client.srem(wanted, id);
    await server.client.sadd(wanted, "one that is gone");
    const worker = beginWorker(server);
    await until(async () => (await server.client.llen(`${queue}:wait`)) === 0, "taken off");
    gone.abort();
    await left;
    expect(await worker.stop()).toEqual({ ended: 0, failed: 0, stopped: 0, lost: 0 });
  });

  it("is for what its kernels compute: wide for relaxed", async () => {
    const digest = async () => undefined;
    expect(await obstacle(wantsOf("relaxed"), { variants: ["relaxed"], asked: "wide", digest })).toBeUndefined();
    expect(await obstacle(wantsOf("simd"), { variants: ["relaxed"], asked: "wide", digest })).toMatch(
      /wants simd kernels, and this worker was asked for wide/,
    );
    expect(await obstacle(wantsOf("relaxed"), { variants: ["simd"], digest })).toMatch(
      /which this engine has not: use Node 22 or later here/,
    );
    expect(VERSION).toBe(wantsOf("simd").version);
  });
});
