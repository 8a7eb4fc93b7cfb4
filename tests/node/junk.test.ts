import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, feedForward } from "heavyball";
import * as heavyballNode from "heavyball/node";
import * as heavyballQueue from "heavyball/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsAbout, functionsOf } from "../support/junk.js";

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "heavyball-junk-"));
// "foo" is a path too, and what is written there belongs to nobody.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

describe("whatever is passed in Node to", () => {
  it.each(functionsOf(heavyballNode))("%s, it gives a result or an error that says what was wrong", async (name, call) => {
    expect(await complaintsAbout(name, call)).toEqual([]);
  });

  it.each(functionsOf(heavyballQueue))("%s of the queue, it does too", async (name, call) => {
    expect(await complaintsAbout(name, call)).toEqual([]);
  });

  it("a runtime and a path", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const network = runtime.network(feedForward({ sizes: [2, 1] }));
    const complaints: string[] = [];
    const save = (path: unknown) => heavyballNode.saveModelFile(network, path as string);
    const load = (path: unknown) => heavyballNode.loadModelFile(runtime, path as string);
    complaints.push(...(await complaintsAbout("saveModelFile", save)), ...(await complaintsAbout("loadModelFile", load)));
    expect(complaints).toEqual([]);
    await runtime.dispose();
  });
});
