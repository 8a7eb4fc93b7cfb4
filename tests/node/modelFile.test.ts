import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, autoencoder, createRuntime, sparse } from "heavyball";
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

test("another file is refused", async () => {
  const runtime = await createRuntime({ threads: 1 });
  const path = join(folder, "other.bin");
  await writeFile(path, "not a model");
  await expect(loadModelFile(runtime, path)).rejects.toThrow(FormatError);
  await runtime.dispose();
});
