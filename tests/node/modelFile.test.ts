import { lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { autoencoder, createRuntime, FormatError, InvalidOptionError, saveModel, sparse } from "heavyball";
import { loadModelFile, saveModelFile } from "heavyball/node";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heavyball-model-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a model goes through a file bit for bit and leaves no temporary file", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const network = runtime.network(autoencoder({ encoder: [7, 5, 2] }));
  network.initialize(sparse({ seed: 3 }));
  const path = join(folder, "model.safetensors");
  await saveModelFile(network, path);
  await saveModelFile(network, path);
  const loaded = await loadModelFile(runtime, path);
  expect(loaded.description).toEqual(network.description);
  expect(loaded.getParameters()).toEqual(network.getParameters());
  expect(await readdir(folder)).toEqual(["model.safetensors"]);
  await runtime.dispose();
});

test("1,000 overlapping saves to one path leave one whole file, and nothing else", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const networks = [3, 4, 5, 6].map((seed) => {
    const network = runtime.network(autoencoder({ encoder: [6, 5, 2] }));
    network.initialize(sparse({ seed, fanIn: 2 }));
    return network;
  });
  const place = join(folder, "overlapping");
  await mkdir(place);
  const path = join(place, "model.safetensors");
  for (let round = 0; round < 50; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, at) => saveModelFile(networks[at % networks.length], path)));
    const loaded = await loadModelFile(runtime, path);
    expect(networks.some((network) => network.getParameters().every((value, at) => value === loaded.getParameters()[at]))).toBe(true);
    loaded.dispose();
    expect(await readdir(place)).toEqual(["model.safetensors"]);
  }
  await runtime.dispose();
});

test("threads of one process may save to one path at once", async () => {
  const place = join(folder, "threads");
  await mkdir(place);
  const path = join(place, "model.safetensors");
  const dist = new URL("../../dist/", import.meta.url).href;
  const source = `
    const { parentPort } = require("node:worker_threads");
    (async () => {
      const { autoencoder, createRuntime, sparse } = await import(${JSON.stringify(`${dist}index.js`)});
      const { saveModelFile } = await import(${JSON.stringify(`${dist}node/index.js`)});
      const runtime = await createRuntime({ threads: 1 });
      const network = runtime.network(autoencoder({ encoder: [6, 5, 2] }));
      network.initialize(sparse({ seed: 3, fanIn: 2 }));
      for (let save = 0; save < 100; save++) await saveModelFile(network, ${JSON.stringify(path)});
      await runtime.dispose();
      parentPort.postMessage("done");
    })().catch((error) => parentPort.postMessage(String(error)));`;
  const workers = [0, 1, 2].map(() => new Worker(source, { eval: true }));
  const ends = workers.map((worker) => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)));
  expect(await Promise.all(ends)).toEqual(["done", "done", "done"]);
  await Promise.all(workers.map((worker) => worker.terminate()));
  expect(await readdir(place)).toEqual(["model.safetensors"]);
  const runtime = await createRuntime({ threads: 1 });
  (await loadModelFile(runtime, path)).dispose();
  await runtime.dispose();
});

test("what cannot be saved or loaded is said under its path, and leaves nothing behind", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const network = runtime.network(autoencoder({ encoder: [6, 5, 2] }));
  const place = join(folder, "errors");
  await mkdir(join(place, "directory"), { recursive: true });
  const path = (name: string) => join(place, name);
  const failure = async (work: Promise<unknown>) =>
    (await work.then(
      () => undefined,
      (error: unknown) => error,
    )) as Error & { code: string; file?: string; path?: string };
  for (const [name, code] of [
    ["directory", "EISDIR"],
    ["missing/model", "ENOENT"],
    [`${"long".repeat(70)}`, "ENAMETOOLONG"],
  ]) {
    const error = await failure(saveModelFile(network, path(name)));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(`'${path(name)}'`)]);
    expect(error.message).not.toContain(".tmp");
    const loading = await failure(loadModelFile(runtime, path(name)));
    expect([loading.code, loading.message]).toEqual([code, expect.stringContaining(path(name))]);
  }
  expect(await readdir(place)).toEqual(["directory"]);

  const bytes = Buffer.from(saveModel(network));
  const changed = (from: string, to: string) => Buffer.from(bytes.toString("latin1").replace(from, to), "latin1");
  for (const content of [
    Buffer.alloc(0),
    bytes.subarray(0, 50),
    bytes.subarray(0, -1),
    changed("layer", "later"),
    changed("logistic", "logistik"),
    changed('"__metadata__"', '"__netadata__"'),
    Buffer.concat([bytes.subarray(0, -4), Buffer.of(0, 0, 0x80, 0x7f)]),
  ]) {
    await writeFile(path("model"), content);
    const error = await failure(loadModelFile(runtime, path("model")));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message.startsWith(`${path("model")}: `)).toBe(true);
    expect(error.file).toBe(path("model"));
  }
  for (const wrong of ["", undefined, 3, {}, "a\0b"] as unknown as string[]) {
    expect(await failure(saveModelFile(network, wrong))).toBeInstanceOf(InvalidOptionError);
    expect(await failure(loadModelFile(runtime, wrong))).toBeInstanceOf(InvalidOptionError);
  }
  expect((await failure(loadModelFile(null as never, path("model")))).message).toMatch(/^runtime is null/);
  await runtime.dispose();
});

test("a name as long as the system allows is no trouble", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const path = join(folder, "n".repeat(255));
  await saveModelFile(runtime.network(autoencoder({ encoder: [6, 5, 2] })), path);
  (await loadModelFile(runtime, path)).dispose();
  await rm(path);
  await runtime.dispose();
});

test("another file is refused", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const path = join(folder, "other.bin");
  await writeFile(path, "not a model");
  await expect(loadModelFile(runtime, path)).rejects.toThrow(FormatError);
  await runtime.dispose();
});

test("a symbolic link goes on to lead to the file, be it there or not; a device is no place for a model", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const network = runtime.network(autoencoder({ encoder: [6, 5, 2] }));
  const place = join(folder, "links");
  await mkdir(join(place, "elsewhere"), { recursive: true });
  await symlink("elsewhere/model.safetensors", join(place, "link"));
  for (let round = 0; round < 2; round++) {
    await saveModelFile(network, join(place, "link"));
    expect((await lstat(join(place, "link"))).isSymbolicLink()).toBe(true);
    expect(await readdir(join(place, "elsewhere"))).toEqual(["model.safetensors"]);
  }
  expect((await loadModelFile(runtime, join(place, "link"))).parameterCount).toBe(network.parameterCount);
  await symlink("around", join(place, "around"));
  await expect(saveModelFile(network, join(place, "around"))).rejects.toThrow(InvalidOptionError);
  await expect(saveModelFile(network, "/dev/null")).rejects.toThrow(/path is "\/dev\/null".*device/);
  expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  await runtime.dispose();
});
