import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, type Runtime } from "heavyball";
import { fileStore } from "heavyball/node";
import { afterAll, beforeAll, describe } from "vitest";
import { storeContract } from "../support/storeContract.js";

const folder = mkdtempSync(join(tmpdir(), "heavyball-store-"));
let runtime: Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe("a store that is a directory", () => {
  let count = 0;
  storeContract(
    () => {
      const directory = join(folder, `store${count++}`, "run");
      return { store: fileStore(directory), again: () => fileStore(directory) };
    },
    () => runtime,
  );
});
