import { inWorker } from "heavyball/web";
import { describe, expect, it } from "vitest";
import { awayTests } from "../support/awayTests.js";

describe("a trial in a Worker", () => {
  it("is tested where memory can be shared", () => expect(crossOriginIsolated).toBe(true));
  awayTests(inWorker, "/not-there.js");
});
