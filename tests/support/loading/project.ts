/** Programs of strangers: folders with the package as npm would unpack it, and the same few files whatever builds them. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What the package needs beside itself. */
const DEPENDENCIES = ["@assemblyscript/loader", "tinybench"];

/** The files that `npm publish` would send. */
function packedFiles(): string[] {
  const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const output = execFileSync("npm", pack, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = JSON.parse(output) as { files: { path: string }[] }[];
  return files.map(({ path }) => path);
}

/** Puts the package below `folder`/node_modules as npm would unpack it, nothing linked to where it comes from. */
export function installPackage(folder: string): void {
  const modules = join(folder, "node_modules");
  rmSync(join(modules, "heavyball"), { recursive: true, force: true });
  for (const path of packedFiles()) cpSync(join(root, path), join(modules, "heavyball", path));
  for (const name of DEPENDENCIES) cpSync(join(root, "node_modules", name), join(modules, name), { recursive: true, dereference: true });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** What a runtime came to. */
export interface Outcome {
  readonly threads?: number;
  readonly reason?: string;
  readonly kernels?: string;
  readonly loss?: number;
  readonly code?: string;
  readonly message?: string;
}

/** The outcomes without options and with two threads asked for. */
export interface Outcomes {
  readonly byItself: Outcome;
  readonly asked: Outcome;
}

/** Makes a module that exports `outcomes(options)`; `from` is where the library is imported from. */
export const outcomeModule = (from = "heavyball"): string => `
import { createRuntime, dense, feedForward, nesterov } from ${JSON.stringify(from)};
async function outcome(options) {
  try {
    const runtime = await createRuntime(options);
    const network = runtime.network(feedForward({ sizes: [5, 3, 5] }));
    network.initialize(dense({ seed: 1 }));
    const batch = { inputs: new Float32Array(5 * 40).fill(0.5), targets: new Float32Array(5 * 40).fill(0.25), cases: 40 };
    runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 })).step(batch);
    const { loss } = network.evaluate(batch);
    await runtime.dispose();
    return { threads: runtime.threads, reason: runtime.threadsReason, kernels: runtime.kernels, loss };
  } catch (error) {
    return { code: error.code ?? String(error), message: error.message };
  }
}
export async function outcomes(options) {
  return { byItself: await outcome({ kernels: "simd", ...options }), asked: await outcome({ kernels: "simd", threads: 2, ...options }) };
}
`;

/** The trial of every page. */
export const TRIAL = {
  task: { name: "addition", length: 10, hidden: 3, testCases: 12 },
  optimizer: { method: "nesterov", learningRate: 0.01, momentum: 0.9 },
  batchSize: 4,
  updates: 3,
} as const;

/** What a trial in a Worker came to. */
export interface TrialOutcome {
  readonly threads?: number;
  readonly reason?: string;
  readonly end?: string;
  /** The loss of each update, and those of the same trial without a Worker. */
  readonly losses?: readonly number[];
  readonly here?: readonly number[];
  /** What the store keeps of the run. */
  readonly kept?: readonly string[];
  /** SHA-256 of the trained network's file, by bytes. */
  readonly model?: readonly number[];
  readonly code?: string;
  readonly message?: string;
}

/**
 * Makes a module that exports `trial()`: a trial in a Worker, kept by the browser, or in Node in memory. `from` and `web` are where the
 * library is imported from, `options` the source of what `inWorker` is given and `helper` of its runtime's `worker`.
 */
export const trialModule = ({ from = "heavyball", web = "heavyball/web", options = "", helper = "undefined" } = {}): string => `
import { ${web === "heavyball/node" ? "memoryStore, " : ""}runTrial } from ${JSON.stringify(from)};
import { ${web === "heavyball/node" ? "" : "browserStore, "}inWorker } from ${JSON.stringify(web)};
const spec = ${JSON.stringify(TRIAL)};
export async function trial() {
  try {
    const store = ${web === "heavyball/node" ? "memoryStore()" : 'browserStore("trial")'};
    let facts;
    const onStart = ({ runtime }) => void (facts = runtime);
    const record = await inWorker(${options}).runTrial(spec, { runtime: { kernels: "simd", worker: ${helper} }, store, onStart });
    const here = await runTrial(spec, { runtime: { kernels: "simd" } });
    const losses = ({ reports }) => reports.slice(1).map(({ loss }) => loss);
    const digest = await crypto.subtle.digest("SHA-256", await store.read("model.safetensors"));
    return {
      threads: facts.threads,
      reason: facts.threadsReason,
      end: record.end.code,
      losses: losses(record),
      here: losses(here),
      kept: await store.names(),
      model: [...new Uint8Array(digest)],
    };
  } catch (error) {
    return { code: error.code ?? String(error), message: error.message };
  }
}
`;

/** A program for a command line that prints its outcomes. */
export const PROGRAM = 'import { outcomes } from "./outcomes.js"; outcomes().then((results) => console.log(JSON.stringify(results)));';

/** One that prints what a trial in a Worker came to. */
export const TRIAL_PROGRAM = 'import { trial } from "./trial.js"; trial().then((results) => console.log(JSON.stringify(results)));';

/** A page that uses the library itself, has a worker use it, and runs a trial in a Worker; what they came to is in \`window.results\`. */
export const page = (worker: string): string => `
import { outcomes } from "./outcomes.js";
import { trial } from "./trial.js";
const inWorker = (worker) => new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => resolve({ byItself: { message: event.message || "the worker did not load" } });
});
globalThis.results = (async () => ({
  page: await outcomes(),
  worker: await inWorker(${worker}),
  trial: await trial(),
  isolated: crossOriginIsolated,
}))();
`;

/** The worker of the page; `options` is the source of what its runtimes are given. */
export const worker = (options = ""): string => `
import { outcomes } from "./outcomes.js";
outcomes(${options}).then((results) => self.postMessage(results));
`;

export const html = (script: string): string => `<!doctype html><meta charset="utf-8"><title>heavyball</title>${script}`;

/** How a module of a page starts \`worker.js\` beside it, and the page of such a module. */
export const MODULE_WORKER = 'new Worker(new URL("./worker.js", import.meta.url), { type: "module" })';
export const MODULE_PAGE = html('<script type="module" src="./page.js"></script>');

/** The sources of what a page gives its worker's runtimes, and of what \`trialModule\` takes. */
export interface PageOptions {
  readonly from?: string;
  readonly options?: string;
  readonly trial?: { readonly options?: string; readonly helper?: string };
}

/** The files of a page with a module worker; \`from\` is where the library is imported from, of a page without a bundler. */
export const pageFiles = ({ from, options, trial }: PageOptions = {}): Record<string, string> => ({
  "index.html": MODULE_PAGE,
  "outcomes.js": outcomeModule(from),
  "trial.js": trialModule({ from, web: from, ...trial }),
  "page.js": page(MODULE_WORKER),
  "worker.js": worker(options),
});

/** What a page is given where \`teamWorker.js\` and \`trialWorker.js\` are files beside it. */
export const WITH_FILES: PageOptions = {
  options: '{ worker: new URL("./teamWorker.js", import.meta.url) }',
  trial: {
    options: '{ worker: new URL("./trialWorker.js", import.meta.url) }',
    helper: 'new URL("./teamWorker.js", import.meta.url)',
  },
};

/** What it is given where a bundler is to make files of the package's. */
export const WITH_PACKAGE_FILES: PageOptions = {
  options: '{ worker: new URL("heavyball/worker", import.meta.url) }',
  trial: { options: '{ worker: new URL("heavyball/trial-worker", import.meta.url) }' },
};
