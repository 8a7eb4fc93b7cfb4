/**
 * The published declarations, as programs meet them: they compile without the DOM's types, show nothing internal, and say of every option
 * what it is.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as heavyball from "heavyball";
import * as heavyballNode from "heavyball/node";
import * as heavyballQueue from "heavyball/queue";
import ts from "typescript";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heavyball-declarations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Uses what a program can, and exports what comes of it, so that with `declaration` every type must have a name that can be written down.
 */
const PROGRAM = `
import * as heavyball from "heavyball";
import { dataFiles, fileStore, fetchData, loadModelFile } from "heavyball/node";
import { queueExecutor, runWorker } from "heavyball/queue";
export const runtime = await heavyball.createRuntime({ threads: 1 });
export const network = runtime.network(heavyball.autoencoder({ encoder: [4, 2] }));
export const feedForward = heavyball.feedForward({ sizes: [2, 3, 1] });
export const recurrent = runtime.network(heavyball.recurrent({ inputs: 1, hidden: 2, outputs: 1 }));
export const optimizer = runtime.optimizer(network, heavyball.nesterov({ learningRate: 0.1, momentum: 0.9 }));
export const plain = heavyball.sgd({ learningRate: 0.1 });
export const classical = heavyball.classicalMomentum({ learningRate: 0.1, momentum: heavyball.schedules.sutskever() });
export const hessianFree = runtime.optimizer(network, heavyball.hessianFree());
export const first = heavyball.nesterov1983();
export const initializations = [heavyball.sparse(), heavyball.dense(), heavyball.echoState({ inputScale: 1 })];
export const allSchedules = [heavyball.schedules.constant({ value: 1 }), heavyball.schedules.inverse({ numerator: 1 })];
export const bytes: Uint8Array<ArrayBuffer> = heavyball.saveModel(network);
export const parameters: Float32Array<ArrayBuffer> = network.getParameters();
export const outputs: Float32Array<ArrayBuffer> = network.predict({ inputs: parameters, cases: 1 });
export const hidden: Float32Array<ArrayBuffer> = recurrent.activations({ inputs: parameters, cases: 1, steps: 1 }, 1);
export const gradient: Float32Array<ArrayBuffer> = network.gradient({ inputs: parameters, cases: 1 }).gradient;
export const product: Float32Array<ArrayBuffer> = network.gaussNewtonProduct(parameters, { inputs: parameters, cases: 1 });
export const array: Uint8Array<ArrayBuffer> = heavyball.writeNpy({ shape: [1], data: new Float32Array(1) });
export const images: Float32Array<ArrayBuffer> = heavyball.curves({ cases: 1 }).inputs;
export const velocity: Float32Array<ArrayBuffer> = optimizer.getVelocity();
export const state = optimizer.getState();
export const record = await heavyball.runTrial({}, { store: fileStore("x"), data: dataFiles("y") });
export const reports = heavyball.streamTrial({}, { store: heavyball.memoryStore() });
export const race = heavyball.raceTrials([{ spec: heavyball.checkTrialSpec({}) }]);
export const bowl = heavyball.quadratic({ eigenvalues: [1] });
export const end = heavyball.minimize(bowl, [1], plain, { updates: 1 });
export const solved = heavyball.conjugateGradient((v, out) => out.set(v), [1]);
export const tasks = [heavyball.addition(), heavyball.multiplication(), heavyball.memory5(), heavyball.memory20()];
export const model = await loadModelFile(runtime, "x");
export const batches = heavyball.minibatches(heavyball.curves(), { size: 2 });
export const idx = heavyball.readIdx(bytes);
export const npy = heavyball.readNpy(bytes);
export const mat = heavyball.readMat(bytes, { variables: ["x"] });
export const patches = heavyball.faces(bytes, { cases: 1 });
export const onMany = queueExecutor({ connection: "redis://host", jobs: 100 });
export const worker = runWorker({ connection: { host: "host", tls: { ca: "x" } }, kernels: "wide", onEvent: ({ state }) => state });
export const fetched = fetchData("faces", { from: "x", out: "y" });
`;

/**
 * Exports of every value within a module, which have the types of its parameters written down, and of what a call of every function gives,
 * which have those of its result. Builders and studies are members of objects.
 */
function exportsOf(path: string, members: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(members).flatMap(([key, value]) => {
    const member = `${path}.${key}`;
    const name = member.replaceAll(".", "_");
    const lines = [`export const ${name}_value = [${member}];`];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      lines.push(...exportsOf(member, value as Record<string, unknown>));
    }
    // A class is no function to call.
    if (typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value))) {
      lines.push(`export const ${name}_result = ${member}(...([] as never as Parameters<typeof ${member}>));`);
    }
    return lines;
  });
}

function everyExport(entry: string, exported: Readonly<Record<string, unknown>>): string {
  return [`import * as library from "${entry}";`, ...exportsOf("library", exported), ""].join("\n");
}

const PROGRAMS: Readonly<Record<string, string>> = {
  "program.ts": PROGRAM,
  "everyExport.ts": everyExport("heavyball", heavyball),
  "everyExportOfNode.ts": everyExport("heavyball/node", heavyballNode),
  "everyExportOfQueue.ts": everyExport("heavyball/queue", heavyballQueue),
};

let program: ts.Program;

beforeAll(() => {
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/heavyball"));
  for (const name of ["@types/node", "undici-types"]) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text);
  program = compile(Object.keys(PROGRAMS), { lib: ["lib.es2022.d.ts"], types: ["node"] });
});

/** Compiles programs of the folder, nothing skipped. */
function compile(names: readonly string[], settings: ts.CompilerOptions): ts.Program {
  return ts.createProgram(
    names.map((name) => join(folder, name)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      skipLibCheck: false,
      declaration: true,
      preserveSymlinks: true,
      outDir: join(folder, "out"),
      ...settings,
    },
  );
}

const told = (diagnostics: readonly ts.Diagnostic[]): string[] =>
  diagnostics.map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);

it("compile in a program for Node without the DOM library, nothing skipped, and every type has a name", () => {
  expect(told(ts.getPreEmitDiagnostics(program))).toEqual([]);
  expect(told(program.emit().diagnostics)).toEqual([]);
});

it("compile in a page without Node's types", () => {
  writeFileSync(join(folder, "page.ts"), everyExport("heavyball", heavyball));
  writeFileSync(join(folder, "worker.ts"), 'export { browserStore, inWorker } from "heavyball/web";');
  const page = compile(["page.ts", "worker.ts"], { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] });
  expect(page.getSourceFiles().filter(({ fileName }) => fileName.includes("@types/"))).toEqual([]);
  expect(told(ts.getPreEmitDiagnostics(page))).toEqual([]);
});

it("compile where optional members are exact: what docs/reproducibility.md shows, and options that are undefined", () => {
  const [, block] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, "docs/reproducibility.md"), "utf8"))!;
  const given = 'import type { TrialRecord } from "heavyball";\ndeclare const record: TrialRecord;\ndeclare const data: unknown;\n';
  writeFileSync(join(folder, "rerun.ts"), given + block);
  // Whoever runs trials hands on what may not be there: a record's events, a signal of a caller's.
  const names = ["RuntimeOptions", "RunTrialOptions", "AwayTrialOptions", "InWorkerOptions", "RaceOptions"];
  const lines = names.map((name) => {
    const type = `import("heavyball").${name}`;
    return `export type ${name} = Holds<Pick<${type}, Optional<${type}>>, { [K in Optional<${type}>]: undefined }>;`;
  });
  const helpers = `
    type Optional<T> = { [K in keyof T]-?: {} extends Pick<T, K> ? K : never }[keyof T];
    type Holds<T, U extends T> = U;`;
  writeFileSync(join(folder, "exact.ts"), [helpers, ...lines].join("\n"));
  const exact = compile(["rerun.ts", "exact.ts"], { lib: ["lib.es2022.d.ts"], types: ["node"], exactOptionalPropertyTypes: true });
  expect(told(ts.getPreEmitDiagnostics(exact))).toEqual([]);
});

it("need none of the optional packages, which whoever has no queue does not install", () => {
  const files = program.getSourceFiles().map(({ fileName }) => fileName);
  expect(files.some((name) => name.endsWith("/dist/queue/index.d.ts"))).toBe(true);
  expect(files.filter((name) => /node_modules\/(bullmq|ioredis)\//.test(name))).toEqual([]);
});

it("have no internal members", () => {
  const files = readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((name) => readFileSync(join(root, "dist", name), "utf8").includes("@internal"))).toEqual([]);
});

it("say of every option of every function what it is", () => {
  const checker = program.getTypeChecker();
  const undocumented: string[] = [];
  let seen = 0;
  for (const entry of ["dist/index.d.ts", "dist/node/index.d.ts", "dist/queue/index.d.ts"]) {
    const source = program.getSourceFile(join(folder, "node_modules/heavyball", entry))!;
    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(source)!)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!(symbol.flags & ts.SymbolFlags.Function)) continue;
      for (const signature of checker.getTypeOfSymbol(symbol).getCallSignatures()) {
        for (const parameter of signature.getParameters().filter(({ name }) => name === "options")) {
          const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
          for (const option of type.getProperties()) {
            seen++;
            // What a type computes from those of all studies is declared, and described, in each study's table.
            const isComputed = option.declarations === undefined || symbol.name === "runStudy";
            const isSaid = option.declarations?.some((declaration) => ts.getJSDocCommentsAndTags(declaration).length > 0);
            if (!isComputed && !isSaid) undocumented.push(`${symbol.name}.${option.name}`);
          }
        }
      }
    }
  }
  expect(seen).toBeGreaterThan(60);
  expect(undocumented).toEqual([]);
});
