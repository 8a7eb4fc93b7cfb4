import { createRuntime, memoryStore, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";
import { storeContract } from "../support/storeContract.js";

let runtime: Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());

describe("a store in memory", () => {
  storeContract(
    () => {
      const store = memoryStore();
      return { store, again: () => store };
    },
    () => runtime,
  );

  it("says what is not there to be renamed", async () => {
    const open = await memoryStore().open();
    expect(await rejection(open.rename("a", "b"))).toMatchObject({
      code: "STORE",
      trouble: "unusable",
      message: expect.stringContaining("nothing called a"),
    });
  });

  it("gives copies of its entries and takes copies of others'", async () => {
    const store = memoryStore();
    const open = await store.open();
    await open.write("a", Uint8Array.of(1, 2));
    const entries = store.entries();
    entries[0][1][0] = 7;
    expect(await store.read("a")).toEqual(Uint8Array.of(1, 2));

    const other = memoryStore(store.entries());
    await open.append("a", "!");
    expect(await other.read("a")).toEqual(Uint8Array.of(1, 2));
    const before = store.entries();
    const third = memoryStore(before);
    before[0][1][0] = 6;
    expect(await third.read("a")).toEqual(await store.read("a"));
  });
});
