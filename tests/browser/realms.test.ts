import { describe, expect, it } from "vitest";
import { expectTaken } from "../support/otherRealm.js";

describe("values of an iframe", () => {
  it("are taken as what they are", async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const realm = frame.contentWindow as Window & typeof globalThis;
    const carry = <T>(value: T): T => {
      const rebuild = (part: unknown): unknown => {
        if (part instanceof Float32Array || part instanceof Float64Array || part instanceof Uint8Array) {
          const { name } = part.constructor as { name: "Float32Array" };
          return new realm[name](part as Float32Array);
        }
        if (Array.isArray(part)) return realm.Array.from(part, rebuild);
        if (typeof part !== "object" || part === null) return part;
        const copy = new realm.Object() as Record<string, unknown>;
        for (const [key, member] of Object.entries(part)) copy[key] = rebuild(member);
        return copy;
      };
      return rebuild(value) as T;
    };
    expect(carry(new Float32Array(1))).not.toBeInstanceOf(Float32Array);
    await expectTaken(carry);
    frame.remove();
  });
});
