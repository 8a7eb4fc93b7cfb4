/**
 * Times one Nesterov update of each network in networks.json, in heavyball and in its peers, and prints a table.
 * Each library runs in a process of its own, one after the other, in several rounds whose lowest medians are compared: machines are
 * noisy, and what slows one round down is not there in all. All start from the same parameters and minibatch, and the losses of the
 * first updates must agree, so nobody gets away with less arithmetic.
 *
 *   node updates.mjs [--networks curves,mnist,faces,addition,memory5] [--libraries heavyball,tensorflow,jax,torch]
 *                    [--kernels auto|simd|relaxed|wide, or several: relaxed,wide] [--node PATH | --node LIBRARY=PATH]... [--python PATH]
 *                    [--rounds 3] [--seconds 3] [--minimum 5] [--json]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { forwardCount, writeStart } from "./start.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({
  options: {
    networks: { type: "string" },
    libraries: { type: "string", default: "heavyball,tensorflow,jax,torch" },
    kernels: { type: "string", default: "auto" },
    node: { type: "string", multiple: true, default: [] },
    python: { type: "string", default: "/usr/bin/python3" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    minimum: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});

/** A wrong option ends the run with one sentence. */
function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}

const cores = availableParallelism();
/** How each library is run: once for every entry of `threads`, on networks of these kinds (default all). */
const LIBRARIES = {
  heavyball: { title: "heavyball", script: "libraries/heavyball.mjs", threads: cores > 1 ? [1, cores] : [1] },
  tensorflow: { title: "TensorFlow.js wasm", script: "libraries/tensorflow.mjs", threads: [1] },
  jax: { title: "jax-js wasm", script: "libraries/jax.mjs", threads: [1], kinds: ["feedForward"] },
  torch: { title: "PyTorch native", script: "torch_updates.py", threads: cores > 1 ? [1, 2] : [1] },
};

/** The program that runs a library: `--node LIBRARY=PATH` wins over `--node PATH`. */
function interpreter(library) {
  if (library === "torch") return options.python;
  const own = options.node.find((value) => value.startsWith(`${library}=`));
  return own?.slice(library.length + 1) ?? options.node.find((value) => !value.includes("=")) ?? process.execPath;
}

/** Runs one library once; its result line, or undefined after saying what went wrong. */
function run(library, job) {
  const { title, script } = LIBRARIES[library];
  const child = spawnSync(interpreter(library), [here(script), JSON.stringify(job)], { encoding: "utf8", cwd: here(".") });
  const last = child.stdout?.trim().split("\n").at(-1) ?? "";
  if (child.status === 0 && last.startsWith("{")) return JSON.parse(last);
  console.error(`${title} failed on ${job.network.name}:\n${child.error?.message ?? (child.stderr || child.stdout)}`);
  process.exitCode = 1;
  return undefined;
}

/** Everything that is run on one network: each library for every number of threads, heavyball with each of its kernels too. */
function entrants(network, libraries) {
  return libraries
    .filter((library) => LIBRARIES[library].kinds?.includes(network.kind) ?? true)
    .flatMap((library) => {
      const { threads } = LIBRARIES[library];
      if (library !== "heavyball") return threads.map((count) => ({ library, threads: count }));
      return options.kernels.split(",").flatMap((kernels) => threads.map((count) => ({ library, kernels, threads: count })));
    });
}

/** All results of one network, each with its lowest median; of a peer the better thread count only. */
function compare(network, libraries, start) {
  const job = { network, start, learningRate: 0.001, momentum: 0.9, seconds: Number(options.seconds), minimum: Number(options.minimum) };
  const lowest = new Map();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const entrant of entrants(network, libraries)) {
      const result = run(entrant.library, { ...job, ...entrant });
      if (result === undefined) continue;
      const place = JSON.stringify(entrant);
      const before = lowest.get(place);
      const medians = [...(before?.medians ?? []), result.median];
      lowest.set(place, { ...(before?.median <= result.median ? before : { network: network.name, ...entrant, ...result }), medians });
    }
  }
  const results = libraries.flatMap((library) => {
    const own = [...lowest.values()].filter((result) => result.library === library);
    return library === "heavyball" ? own : own.sort((a, b) => a.median - b.median).slice(0, 1);
  });
  for (const { library, losses } of results) checkLosses(library, network.name, losses, results[0].losses);
  const gigaflop = (6 * forwardCount(network)) / 1e9;
  const ours = results.filter(({ library }) => library === "heavyball");
  return results.map((result) => ({
    ...result,
    gigaflops: gigaflop / (result.median / 1000),
    ratios: ours.map(({ kernels, threads, median }) => ({ kernels, threads, ratio: result.median / median })),
  }));
}

/** Same start, same data, same recurrence: the losses may differ by rounding only. */
function checkLosses(library, network, losses, expected) {
  if (losses.every((loss, i) => Math.abs(loss - expected[i]) <= 1e-3 * Math.abs(expected[i]))) return;
  console.error(
    `${library} trains ${network} differently: its losses are ${losses.join(", ")}, the first library's ${expected.join(", ")}`,
  );
  process.exitCode = 1;
}

function table(rows) {
  const ours = rows.find(({ library }) => library === "heavyball")?.ratios ?? [];
  const heads = [
    "network",
    "library",
    "threads",
    "ms",
    "GF/s",
    ...ours.map(({ kernels, threads }) => `x ${kernels} on ${threads}`),
    "medians of the rounds",
    "engine",
  ];
  const lines = rows.map((row) => [
    row.network,
    LIBRARIES[row.library].title,
    String(row.threads),
    row.median.toFixed(row.median < 100 ? 2 : 0),
    row.gigaflops.toFixed(1),
    ...ours.map((_, i) => row.ratios[i]?.ratio.toFixed(2) ?? "-"),
    row.medians.map((median) => median.toFixed(median < 100 ? 1 : 0)).join(" "),
    row.engine,
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i].length)));
  const text = (line) => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [text(heads), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...lines.map(text)].join("\n");
}

const libraries = options.libraries.split(",").filter((library) => {
  if (!(library in LIBRARIES)) refuse(`--libraries: "${library}" is none of ${Object.keys(LIBRARIES).join(", ")}`);
  if (library !== "torch" || spawnSync(options.python, ["-c", "import torch"]).status === 0) return true;
  console.error(`PyTorch is left out: ${options.python} cannot import torch (Debian: apt-get install python3-torch libopenblas0)`);
  return false;
});
const all = JSON.parse(readFileSync(here("networks.json"), "utf8"));
const names = options.networks?.split(",") ?? all.map(({ name }) => name);
const networks = names.map((name) => {
  const network = all.find((candidate) => candidate.name === name);
  if (network === undefined) refuse(`--networks: "${name}" is none of ${all.map((other) => other.name).join(", ")}`);
  return network;
});

const folder = mkdtempSync(join(tmpdir(), "heavyball-peers-"));
try {
  const rows = [];
  for (const network of networks) {
    const start = join(folder, `${network.name}.f32`);
    writeStart(start, network);
    rows.push(...compare(network, libraries, start));
  }
  if (options.json) console.log(JSON.stringify(rows));
  else
    console.log(
      `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${cores} cores; lowest medians of ${options.rounds} rounds; ` +
        `GF/s nominal (6 x weights x cases, and x steps)\n` +
        `${table(rows)}`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
