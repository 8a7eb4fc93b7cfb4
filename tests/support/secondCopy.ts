import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Loads a second copy of the built library, as two versions in one tree of dependencies do: other classes, other errors. `release` deletes
 * its files.
 */
export async function secondCopy(): Promise<{ heavyball: typeof import("heavyball"); release: () => Promise<void> }> {
  // Within the package, so that its dependencies are found.
  await mkdir(join(root, "build"), { recursive: true });
  const directory = await mkdtemp(join(root, "build", "second-copy-"));
  await cp(join(root, "dist"), join(directory, "dist"), { recursive: true });
  await cp(join(root, "package.json"), join(directory, "package.json"));
  await writeFile(join(directory, ".gitignore"), "*\n");
  const heavyball = (await import(
    /* @vite-ignore */ pathToFileURL(join(directory, "dist", "index.js")).href
  )) as typeof import("heavyball");
  return { heavyball, release: () => rm(directory, { recursive: true, force: true }) };
}
