import { nearest } from "../boundary/nearest.js";
import { isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { checkInteger, orDefault } from "../validate.js";

/** The parts of a server's address. */
export interface QueueServer {
  readonly host: string;
  /** Default 6379. */
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  /** Number of the database. Default 0. */
  readonly database?: number;
  /** `true`, or options of Node's `tls.connect` such as `ca`, for a server that speaks TLS. Default false. */
  readonly tls?: boolean | object;
}

/**
 * Where a server of Redis or Valkey is: `redis://[[user]:password@]host[:port][/database]`, with `rediss://` for TLS (`valkey://` and
 * `valkeys://` are the same), or its parts.
 */
export type QueueConnection = string | URL | QueueServer;

/** A checked address. The password is in `password` and nowhere else: messages say `place`. */
export interface ServerAddress {
  /** "redis://host:6379/0" */
  readonly place: string;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly tls?: object;
}

const form =
  "redis://host[:port][/database], or rediss:// for TLS, where need be with user:password@ or :password@ before the host; in a password " +
  "/ is written %2F, @ %40, : %3A and % %25";
const portForm = "an address with a port from 1 to 65535, or with none where it is 6379";

/** Whether a protocol stands for TLS. */
const protocols: Readonly<Record<string, boolean>> = { "redis:": false, "valkey:": false, "rediss:": true, "valkeys:": true };

/** Throws InvalidOptionError, in which nothing of an address is shown that may be a password. */
export function checkConnection(value: unknown): ServerAddress {
  if (typeof value === "string" || value instanceof URL) return checkAddress(String(value));
  if (!isRecord(value)) throw new InvalidOptionError("connection", value, `an address, ${form}`);
  return checkServer(value);
}

function checkAddress(text: string): ServerAddress {
  // What is wrong may be that a password is not written as it should be: then no part of it can be told from the rest.
  const [start = ""] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text) ?? [];
  const refuse = (): InvalidOptionError => new InvalidOptionError("connection", `${start}[hidden]`, form);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse();
  }
  const { protocol, hostname, port, pathname, search, hash } = url;
  const path = /^\/?(\d{0,5})$/.exec(pathname);
  if (!Object.hasOwn(protocols, protocol) || hostname === "" || path === null || search !== "" || hash !== "") throw refuse();
  // Written so in an address, it is no password that was cut off.
  if (port === "0") throw new InvalidOptionError("connection", `${protocol}//[hidden]:0`, portForm);
  let user: string;
  let password: string;
  try {
    [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  } catch {
    throw refuse();
  }
  return checkServer({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(port === "" ? {} : { port: Number(port) }),
    ...(user === "" ? {} : { username: user }),
    ...(password === "" ? {} : { password }),
    database: Number(path[1]),
    tls: protocols[protocol],
  });
}

const names = ["host", "port", "username", "password", "database", "tls"] as const;

function checkServer(given: Readonly<Record<string, unknown>>): ServerAddress {
  for (const key of Object.keys(given)) {
    if ((names as readonly string[]).includes(key)) continue;
    const near = nearest(key, names);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new InvalidOptionError(`connection.${key}`, "[hidden]", `left out: connection knows ${names.join(", ")}${hint}`);
  }
  const { host, username, password, tls = false } = given;
  if (typeof host !== "string" || !/^[^\s/@?#]+$/.test(host))
    throw new InvalidOptionError("connection.host", typeof host === "string" ? "[hidden]" : host, "the name or the address of a host");
  for (const [key, part] of Object.entries({ username, password })) {
    if (part !== undefined && typeof part !== "string") throw new InvalidOptionError(`connection.${key}`, "[hidden]", "text");
  }
  if (typeof tls !== "boolean" && !isRecord(tls))
    throw new InvalidOptionError("connection.tls", "[hidden]", "true, false or options of tls.connect");
  const port = checkInteger("connection.port", orDefault(given.port, 6379), 1, 65_535);
  const database = checkInteger("connection.database", orDefault(given.database, 0), 0, 99_999);
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    place: `${tls === false ? "redis" : "rediss"}://${shown}:${port}/${database}`,
    host,
    port,
    ...(typeof username === "string" ? { username } : {}),
    ...(typeof password === "string" ? { password } : {}),
    database,
    ...(tls === false ? {} : { tls: tls === true ? {} : (tls as object) }),
  };
}
