import type { Redis } from "ioredis";
import type { ServerAddress } from "./address.js";
import type { Packages } from "./packages.js";
import { QueueError } from "./queueError.js";
import { troubleOf, wordsOf } from "./serverTrouble.js";
import { soonerOf, within } from "./waiting.js";

/** Milliseconds in which a server must have let one in, and after which a connection without an answer is made anew. */
const patience = 10_000;
/** Milliseconds for which a server may take leave when a connection is ended: one that is silent is not waited for. */
const farewell = 200;
/** Milliseconds between two attempts to connect again, at most. */
const longestPause = 3_000;
/** The oldest Redis whose commands suffice; Valkey tells one that it is compatible with. */
const oldest = [6, 2] as const;

export interface ServerListener {
  /** Gets a sentence when the connection is lost, and when it is there again. */
  onTrouble(sentence: string): void;
  /** Called when it is there again: what the server had may be gone. */
  onReturn?(): void;
}

/** A server of Redis or Valkey that lets one in. A connection that is lost later is made again and again. */
export class Server {
  private isLost = false;
  private isClosing = false;
  private lastError = "";
  private readonly clients: Redis[] = [];

  private constructor(
    private readonly packages: Packages,
    private readonly address: ServerAddress,
    private readonly listener: ServerListener,
  ) {}

  /**
   * Undefined where the signal is given first, however silent the server is. Throws QueueError where the server does not answer in a
   * bounded time, does not let one in, or can keep no queue.
   */
  static async open(
    packages: Packages,
    address: ServerAddress,
    listener: ServerListener,
    signal?: AbortSignal,
  ): Promise<Server | undefined> {
    if (signal?.aborted) return undefined;
    const server = new Server(packages, address, listener);
    try {
      const connected = server.connect();
      await soonerOf(signal, undefined, connected);
      if (!signal?.aborted) return server;
    } catch (error) {
      server.disconnect();
      throw error;
    }
    server.disconnect();
    return undefined;
  }

  /** What it is called in messages. */
  get place(): string {
    return this.address.place;
  }

  /** For commands of some bytes. */
  get client(): Redis {
    return this.clients[0];
  }

  /** For contents, so that the others need not wait for them. */
  get carrier(): Redis {
    return this.clients[1];
  }

  /** Whether it answers, as far as is known. */
  get isThere(): boolean {
    return this.client.status === "ready";
  }

  /** What it, or the driver, says in an error: short, and without the password. */
  words(error: unknown): string {
    return wordsOf(this.address, error);
  }

  /** Why it cannot be used that has refused something, in a sentence. */
  refusal(error: unknown): QueueError {
    return troubleOf(this.address, error);
  }

  /** Ends the connections; what is under way is given up. */
  disconnect(): void {
    this.isClosing = true;
    for (const client of this.clients) client.disconnect();
  }

  private async connect(): Promise<void> {
    const { place } = this;
    const answered = await this.reach(patience);
    const fault = faultOf(answered);
    if (fault !== undefined) throw new QueueError("unsuitable", `the queue's server ${place} ${fault}`);
    const policy = /^maxmemory_policy:(\S+)/m.exec(answered)?.[1] ?? "noeviction";
    if (policy !== "noeviction")
      this.listener.onTrouble(
        `${place} forgets what it holds when its memory is full (maxmemory-policy ${policy}), and trials may be run twice: set noeviction`,
      );
    await this.reach();
    this.watch(this.client);
  }

  /** Makes one of the connections, and gives what the server tells of itself by it. Throws QueueError. */
  private async reach(socketTimeout?: number): Promise<string> {
    let first: unknown;
    const note = (error: unknown): void => void (first ??= error);
    const client = this.makeClient(note, socketTimeout);
    const connected = client.connect().then(() => client.info());
    const answered = await within(patience, connected).catch(note);
    // A database that is not there is told, and another is used.
    if (answered === undefined || first !== undefined) throw troubleOf(this.address, first);
    return answered;
  }

  private makeClient(note: (error: Error) => void, socketTimeout?: number): Redis {
    const { host, port, username, password, database: db, tls } = this.address;
    let wasReady = false;
    const client = new this.packages.Redis({
      host,
      port,
      db,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
      connectionName: "heavyball",
      lazyConnect: true,
      connectTimeout: patience,
      disconnectTimeout: farewell,
      ...(socketTimeout === undefined ? {} : { socketTimeout }),
      // Commands wait for the server to come back, however long that takes.
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => (wasReady && !this.isClosing ? Math.min(100 * 2 ** Math.min(times, 10), longestPause) : null),
    });
    client.once("ready", () => (wasReady = true));
    // Of an error its words alone: the driver's have the command beside it, which may be the one that carries the password.
    client.on("error", (error: Error) => {
      this.lastError = wordsOf(this.address, error);
      note(error);
    });
    this.clients.push(client);
    return client;
  }

  private watch(client: Redis): void {
    client.on("close", () => {
      if (this.isLost || this.isClosing) return;
      this.isLost = true;
      this.lastError = "";
      // By then it is known why, or it is there again.
      setTimeout(() => this.tellLoss(), 1000).unref();
    });
    client.on("ready", () => {
      const wasTold = this.isLost && this.isTold;
      this.isLost = this.isTold = false;
      if (wasTold) this.listener.onTrouble(`the queue's server ${this.place} is there again`);
      this.listener.onReturn?.();
    });
  }

  private isTold = false;

  private tellLoss(): void {
    if (!this.isLost || this.isClosing) return;
    this.isTold = true;
    const why = this.lastError === "" ? "" : ` (${this.lastError})`;
    this.listener.onTrouble(`the connection to the queue's server ${this.place} is lost${why}; it is tried again until it is there`);
  }
}

/** What makes a server unfit, from what it tells of itself. */
function faultOf(info: string): string | undefined {
  const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    return `is Redis ${version}, and a queue needs Redis ${oldest.join(".")} or later, or Valkey`;
  if (/^redis_mode:cluster/m.test(info)) return "is part of a cluster, and a queue needs a server of its own";
  if (/^role:slave/m.test(info)) return "is a replica, which takes no writes; give the address of its primary";
  return undefined;
}
