import { isOfSystem } from "../trials/systemTrouble.js";

/**
 * Does something with a file. The system's errors of read(2), write(2) and the like know no more than a number for it: they are thrown as
 * its others are, with the path as a field and in the message, "EISDIR: illegal operation on a directory, read 'runs/nag/record.json'".
 */
export async function onFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withPath(path, error);
  }
}

/** The same error, which names a file from now on where it named none. */
export function withPath(path: string, error: unknown): unknown {
  if (!isOfSystem(error) || error.path !== undefined) return error;
  if (!error.message.includes(path)) error.message = `${error.message} '${path}'`;
  return Object.assign(error, { path });
}
