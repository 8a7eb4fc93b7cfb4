import { it } from "vitest";
import { expectTaken } from "../support/otherRealm.js";

it("what structuredClone made, as a worker's message is, is taken as what it is", () => expectTaken(structuredClone));

it("arrays on shared memory are taken too", { skip: typeof SharedArrayBuffer === "undefined" }, () =>
  expectTaken((value) => {
    const share = (part: unknown): unknown => {
      if (part instanceof Float32Array || part instanceof Float64Array || part instanceof Uint8Array) {
        const copy = new (part.constructor as Float32ArrayConstructor)(new SharedArrayBuffer(part.byteLength) as unknown as ArrayBuffer);
        copy.set(part as Float32Array);
        return copy;
      }
      if (Array.isArray(part)) return part.map(share);
      if (typeof part !== "object" || part === null) return part;
      return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, share(member)]));
    };
    return share(value) as typeof value;
  }),
);
