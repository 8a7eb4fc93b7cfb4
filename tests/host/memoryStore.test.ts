import { memoryStore, StoreError } from "heavyball";
import { describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("a store in memory", () => {
  it("holds what is written, appended and renamed, and no longer what is removed", async () => {
    const store = memoryStore();
    const open = await store.open();
    await open.write("a", "one");
    await open.write("b", Uint8Array.of(1, 2, 3));
    await open.append("a", ", two");
    await open.append("c", "new");
    await open.rename("b", "a2");
    await open.rename("c", "a2");
    await open.remove("a", "nothing");
    expect(await store.names()).toEqual(["a2"]);
    expect(text(await store.read("a2"))).toBe("new");
    expect(await store.read("a")).toBeUndefined();
    const error = await rejection(open.rename("a", "b"));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ trouble: "unusable", message: expect.stringContaining("nothing called a") });
  });

  it("has one writer at a time", async () => {
    const store = memoryStore();
    const open = await store.open();
    expect(await rejection(store.open())).toMatchObject({ code: "STORE", trouble: "busy" });
    expect(await rejection(open.open())).toMatchObject({ trouble: "busy" });
    await open.close();
    await (await store.open()).discard();
    await (await store.open()).close();
  });

  it("gives copies and keeps copies", async () => {
    const given = Uint8Array.of(1, 2);
    const store = memoryStore();
    const open = await store.open();
    await open.write("a", given);
    given[0] = 9;
    (await store.read("a"))![0] = 8;
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
