import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InvalidOptionError } from "../errors.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { readRegular } from "./regularFile.js";

/**
 * The files of a directory, or a single file, as tasks read their data from them. Throws InvalidOptionError for a path that is not text.
 */
export function dataFiles(path: string): DataFiles {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new InvalidOptionError("data", path, "the path of a directory or a file, as text");
  }
  const isDirectory = async (): Promise<boolean> => (await stat(path)).isDirectory();
  return {
    place: path,
    path: (name) => (name === basename(path) ? path : join(path, name)),
    async names() {
      try {
        if (!(await isDirectory())) return [basename(path)];
        const entries = await readdir(path, { withFileTypes: true });
        return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
      } catch (error) {
        if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
        throw new InvalidOptionError("data", path, "a directory or a file that exists");
      }
    },
    async read(name) {
      const file = join((await isDirectory()) ? path : dirname(path), name);
      try {
        return await readRegular(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}
