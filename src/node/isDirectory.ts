import { stat } from "node:fs/promises";

/** Whether there is a directory at a path. */
export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
