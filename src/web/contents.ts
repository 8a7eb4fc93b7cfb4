/** Where all stores of an origin are: contents, by the pair of their store's name and their own. */
const DATABASE = "heavyball";
const TABLE = "contents";

/** The contents of one store, in IndexedDB. Each method is one transaction: done whole or not at all, and on the disk when it resolves. */
export class Contents {
  private connection: Promise<IDBDatabase> | undefined;

  constructor(private readonly store: string) {}

  async names(): Promise<string[]> {
    // An array is greater than every text, so this is the end of the keys that begin with the store's name.
    const all = IDBKeyRange.bound([this.store], [this.store, []]);
    const keys = await this.run("readonly", (table) => table.getAllKeys(all));
    return keys.map((key) => (key as [string, string])[1]);
  }

  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.run("readonly", (table) => table.get(this.key(name)));
  }

  async write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.run("readwrite", (table) => table.put(bytes, this.key(name)));
  }

  async append(name: string, added: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.change(name, (table, before = new Uint8Array()) => {
      const all = new Uint8Array(before.length + added.length);
      all.set(before);
      all.set(added, before.length);
      table.put(all, this.key(name));
    });
  }

  /** False where there is nothing of that name. */
  rename(from: string, to: string): Promise<boolean> {
    return this.change(from, (table, content) => {
      if (content === undefined) return;
      table.delete(this.key(from));
      table.put(content, this.key(to));
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.run("readwrite", (table) => names.map((name) => table.delete(this.key(name))).at(-1)!);
  }

  private key(name: string): [string, string] {
    return [this.store, name];
  }

  /** Reads a content and changes something within one transaction. Returns whether there was one. */
  private async change(
    name: string,
    work: (table: IDBObjectStore, content: Uint8Array<ArrayBuffer> | undefined) => void,
  ): Promise<boolean> {
    const found = await this.run("readwrite", (table) => {
      const request: IDBRequest<Uint8Array<ArrayBuffer> | undefined> = table.get(this.key(name));
      request.onsuccess = () => work(table, request.result);
      return request;
    });
    return found !== undefined;
  }

  /** Resolves with the request's result when the transaction is done. */
  private async run<Result>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
    const database = await (this.connection ??= this.connect());
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  }

  private connect(): Promise<IDBDatabase> {
    const connection = new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => void request.result.createObjectStore(TABLE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const forget = (): void => void (this.connection = undefined);
        request.result.onclose = forget;
        // Somebody deletes the database, or has a later version of it.
        request.result.onversionchange = () => {
          request.result.close();
          forget();
        };
        resolve(request.result);
      };
    });
    connection.catch(() => (this.connection = undefined));
    return connection;
  }
}

/** Whether the browser refused for want of room. */
export function isNoRoom(error: unknown): boolean {
  return (error as { readonly name?: unknown } | null)?.name === "QuotaExceededError";
}
