import { open, rename, rm } from "node:fs/promises";

/**
 * Writes a file under a temporary name, flushes and renames it, so that the file is either the old one or whole, whenever the process or the
 * machine stops.
 */
export async function writeWholeFile(path: string, content: Uint8Array | string, temporary = `${path}.${process.pid}.tmp`): Promise<void> {
  const file = await open(temporary, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
}
