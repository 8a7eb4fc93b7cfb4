import { InvalidOptionError } from "../errors.js";
import { checkConnection, type ServerAddress } from "../queue/address.js";

/** The environment variable that has the password, so that no command line shows it. */
const passwordName = "HEAVYBALL_QUEUE_PASSWORD";

/**
 * The server that --queue names, with the password of HEAVYBALL_QUEUE_PASSWORD where the address has none. From then on this process is
 * listed without its arguments, where one of them has a password, and its children do not inherit the variable. Throws InvalidOptionError.
 */
export function queueServer(command: string, text: string): ServerAddress {
  const password = process.env[passwordName];
  delete process.env[passwordName];
  if (text.includes("@")) process.title = `heavyball ${command}`;
  try {
    const address = checkConnection(text);
    return address.password === undefined && password !== undefined ? { ...address, password } : address;
  } catch (error) {
    throw error instanceof InvalidOptionError ? error.renamed(() => "--queue") : error;
  }
}

/** The same as the library takes it. */
export function connectionOf({ place: _, ...server }: ServerAddress) {
  return server;
}
