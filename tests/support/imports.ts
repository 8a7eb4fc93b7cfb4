import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What a file imports, for types alone included: files of the package, and names of other packages. */
export interface Imports {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/** What "#platform" may be: package.json gives Node the first and browsers the second. */
const platforms = ["src/node/platform.ts", "src/web/platform.ts"];

/** Every TypeScript file below these folders, by its path from `root`, and what it imports. Specs of kernels are left out. */
export function readImports(root: string, folders: readonly string[]): Map<string, Imports> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.includes("__tests__"))
      .map((path) => join(folder, path)),
  );
  return new Map(files.map((file) => [file, importsOf(root, file, readFileSync(join(root, file), "utf8"))]));
}

function importsOf(root: string, file: string, source: string): Imports {
  const names = ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
  const isOwn = (name: string) => name.startsWith(".") || name === "#platform";
  return {
    files: names.filter(isOwn).flatMap((name) => (name === "#platform" ? platforms : [resolve(root, file, name)])),
    packages: names.filter((name) => !isOwn(name)),
  };
}

/** The file that a relative name leads to: host files say ".js", kernels say nothing. */
function resolve(root: string, from: string, name: string): string {
  const path = join(dirname(from), name);
  const found = [path.replace(/\.js$/, ".ts"), `${path}.ts`].find((candidate) => existsSync(join(root, candidate)));
  if (found === undefined) throw new Error(`${from} imports ${name}, and there is no such file`);
  return found;
}

/** Circles of imports, each as the path that leads back to where it began; none where there is none. */
export function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const follow = (file: string): void => {
    const before = path.indexOf(file);
    if (before >= 0) found.push([...path.slice(before), file]);
    if (before >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of imports.get(file) ?? []) follow(next);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) follow(file);
  return found;
}
