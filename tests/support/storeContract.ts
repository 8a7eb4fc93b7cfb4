import { type Report, type Runtime, runTrial, type Store, StoreError } from "heavyball";
import { expect, it } from "vitest";
import { rejection } from "./failures.js";
import { comparable, oftenSaved, momentumSpec as spec, uninterrupted } from "./storedTrials.js";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** What every store has to do. `make` gives a store that was never used, `again` another object for the same place. */
export function storeContract(make: () => { readonly store: Store; again(): Store }, runtime: () => Runtime): void {
  it("holds what is written, appended and renamed, and no longer what is removed", async () => {
    const { store, again } = make();
    expect(await store.names()).toEqual([]);
    expect(await store.read("a")).toBeUndefined();
    const open = await store.open();
    await open.write("a", "one");
    await open.write("b", Uint8Array.of(1, 2, 3));
    await open.append("a", ", zwölf");
    await open.append("c", "new");
    expect(text(await open.read("a"))).toBe("one, zwölf");
    await open.rename("b", "a2");
    expect(await store.read("a2")).toEqual(Uint8Array.of(1, 2, 3));
    await open.rename("c", "a2");
    await open.remove("a", "nothing");
    await open.remove();
    expect(await open.names()).toEqual(["a2"]);
    expect(await again().names()).toEqual(["a2"]);
    expect(text(await again().read("a2"))).toBe("new");
    expect(await store.read("a")).toBeUndefined();
    await rejection(open.rename("a", "a2"));
    expect(text(await store.read("a2"))).toBe("new");
    await open.close();
  });

  it("has one writer at a time", async () => {
    const { store, again } = make();
    const open = await store.open();
    for (const other of [store, again(), open]) {
      const error = await rejection(other.open());
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ trouble: "busy", place: store.place });
    }
    await open.write("a", "one");
    await open.close();
    const next = await again().open();
    await next.remove("a");
    await next.discard();
    expect(await store.names()).toEqual([]);
    await (await store.open()).close();
  });

  it("takes a copy of what is written", async () => {
    const { store } = make();
    const open = await store.open();
    const given = Uint8Array.of(1, 2);
    const written = open.write("a", given);
    given[0] = 9;
    await written;
    expect((await store.read("a"))![1]).toBe(2);
    (await store.read("a"))![1] = 8;
    expect((await store.read("a"))![1]).toBe(2);
    await open.close();
  });

  it("keeps a run that is stopped and goes on to the same bits", async () => {
    const { store, again } = make();
    const whole = await uninterrupted(spec, runtime());
    const controller = new AbortController();
    const onReport = ({ update }: Report) => (update === 3 ? controller.abort() : undefined);
    const options = { runtime: runtime(), ...oftenSaved };
    const stopped = await runTrial(spec, { ...options, store, signal: controller.signal, onReport });
    expect(stopped.end.code).toBe("stopped");
    expect(await rejection(runTrial(spec, { ...options, store: again() }))).toMatchObject({ trouble: "holdsRun" });
    const ended = await runTrial(spec, { ...options, store: again(), resume: true });
    expect(comparable(ended)).toEqual(comparable(whole.record));
    const letters = (bytes: Uint8Array | undefined) => Array.from(bytes ?? [], (byte) => String.fromCharCode(byte)).join("");
    expect(letters(await store.read("model.safetensors"))).toBe(whole.left.model);
    expect((await store.names()).includes("record.json")).toBe(true);
  });
}
