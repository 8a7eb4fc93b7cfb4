/** What the package weighs in other people's programs, and in the registry. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const gzipped = (bytes: Uint8Array | string): number => gzipSync(bytes, { level: 9 }).length;

/** Bytes of a program bundled for browsers, minified and gzipped, the files it is made of, and what it imports. */
async function bundled(contents: string): Promise<{ bytes: number; files: readonly string[]; imports: readonly object[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
  return { bytes: gzipped(outputFiles[0].contents), files, imports: output.imports };
}

const program = (entry: string) => `
  import { autoencoder, createRuntime, minibatches, nesterov, schedules, sparse } from "${entry}";
  const runtime = await createRuntime();
  const network = runtime.network(autoencoder({ encoder: [784, 30] }));
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.99 }) }));
  for (const batch of minibatches({ inputs: new Float32Array(7840), cases: 10 }, { size: 5, updates: 9 })) optimizer.step(batch);
`;

it("a program with feed-forward networks and momentum takes at most 45 kB, its kernels included", async () => {
  const { bytes, files, imports } = await bundled(program("heavyball/momentum"));
  expect(bytes).toBeLessThanOrEqual(45_000);
  expect(imports).toEqual([]);
  expect(files.filter((file) => /hessianFree|recurrentNetwork|adam|wide|tasks\/(?!minibatches|gather)|studies/.test(file))).toEqual([]);
});

it("the same program on the main entry takes at most 58 kB", async () => {
  const { bytes, files, imports } = await bundled(program("heavyball"));
  expect(bytes).toBeLessThanOrEqual(58_000);
  expect(imports).toEqual([]);
  expect(
    files.filter((file) => /Iteration|minimize|tasks\/(?!minibatches|gather)|formats|sweeps|wide|trials|studies|node\/platform/.test(file)),
  ).toEqual([]);
});

it("a page that only keeps runs is spared the source of a trial's Worker; with it a page takes at most 185 kB", async () => {
  const store = await bundled('import { browserStore } from "heavyball/web"; browserStore("runs");');
  expect(store.files.filter((file) => /embedded|networks/.test(file))).toEqual([]);
  expect(store.bytes).toBeLessThanOrEqual(3_000);
  const trial = await bundled('import { inWorker } from "heavyball/web"; inWorker().runTrial({});');
  expect(trial.imports).toEqual([]);
  expect(trial.bytes).toBeLessThanOrEqual(185_000);
  expect(gzipped(readFileSync(`${root}dist/web/trialWorker.js`))).toBeLessThanOrEqual(110_000);
});

it("the self-contained file takes at most 185 kB, and the helper's under 500 bytes", () => {
  expect(gzipped(readFileSync(`${root}dist/web/heavyball.js`))).toBeLessThanOrEqual(185_000);
  for (const host of ["web", "node"]) expect(gzipped(readFileSync(`${root}dist/${host}/teamWorker.js`))).toBeLessThan(500);
});
