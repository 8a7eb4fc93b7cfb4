import { createRuntime, InvalidOptionError, type Runtime, StoreError } from "heavyball";
import { browserStore } from "heavyball/web";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { refusal, rejection } from "../support/failures.js";
import { inFrame } from "../support/frames.js";
import { storeContract } from "../support/storeContract.js";

let runtime: Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

let count = 0;
const freshName = (): string => `test ${Date.now()} ${count++}`;

describe("a store of the browser", () => {
  storeContract(
    () => {
      const name = freshName();
      return { store: browserStore(name), again: () => browserStore(name) };
    },
    () => runtime,
  );

  it("knows nothing of others whose names begin alike", async () => {
    const name = freshName();
    const open = await browserStore(name).open();
    const longer = await browserStore(`${name}0`).open();
    await open.write("a", "one");
    await longer.write("b", "two");
    expect(await browserStore(name).names()).toEqual(["a"]);
    expect(await browserStore(`${name}0`).names()).toEqual(["b"]);
    await open.close();
    await longer.close();
  });

  it("refuses names that are none", () => {
    for (const name of [undefined, "", 3, null]) expect(refusal(() => browserStore(name as string))).toBeInstanceOf(InvalidOptionError);
  });

  it("is opened again when its database was closed under it", async () => {
    const store = browserStore(freshName());
    const open = await store.open();
    await open.write("a", "one");
    // A later version of the library, in another tab, would ask for this.
    const deleted = new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase("heavyball");
      request.onsuccess = resolve;
      request.onerror = request.onblocked = reject;
    });
    await deleted;
    expect(await store.names()).toEqual([]);
    await open.write("a", "two");
    expect(await store.names()).toEqual(["a"]);
    await open.close();
  });

  const outcomes = `
    const store = library.browserStore("mine");
    const said = (work) => work.then(() => "done", (error) => [error.code, error.trouble, error.place, error.message]);
    return Promise.all([said(store.names()), said(store.read("a")), said(store.open())]);
  `;

  it("is refused alike by all its methods in a frame that may keep nothing", async () => {
    const refused = ["STORE", "unusable", "the browser's store mine", expect.stringContaining("allow the page to keep data")];
    expect(await inFrame(outcomes, { sandbox: "allow-scripts" })).toEqual([refused, refused, refused]);
    expect(await inFrame(outcomes, { sandbox: "allow-scripts allow-same-origin" })).toEqual(["done", "done", "done"]);
  });

  it.each([
    ["no navigator", undefined],
    ["no locks", {}],
    [
      "locks that cannot be read",
      {
        get locks() {
          throw new DOMException("no", "SecurityError");
        },
      },
    ],
    [
      "locks that throw at once",
      {
        locks: {
          request() {
            throw new TypeError("no");
          },
        },
      },
    ],
  ])("is a typed error where there are %s", async (_, navigator) => {
    vi.stubGlobal("navigator", navigator);
    const name = freshName();
    const error = await rejection(browserStore(name).open());
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ trouble: "unusable", place: `the browser's store ${name}` });
  });

  it("says what to do where the browser has no room, or keeps nothing", async () => {
    const name = freshName();
    const open = await browserStore(name).open();
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const full = await rejection(open.write("a", "one"));
    expect(full).toBeInstanceOf(StoreError);
    expect(full).toMatchObject({ trouble: "unusable", place: `the browser's store ${name}` });
    expect(full.message).toMatch(/no room left .* remove runs/);
    vi.restoreAllMocks();
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    });
    const forbidden = await rejection(browserStore(freshName()).names());
    expect(forbidden).toMatchObject({
      code: "STORE",
      trouble: "unusable",
      message: expect.stringContaining("allow the page to keep data"),
    });
    vi.restoreAllMocks();
    expect(await browserStore(name).names()).toEqual([]);
    await open.close();
  });
});
