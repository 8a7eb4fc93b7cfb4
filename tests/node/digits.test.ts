/** The example that README's readers run first, on the published files: HEAVYBALL_DATA names the directory that holds them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCommand } from "../support/childProcess.js";

const example = fileURLToPath(new URL("../../examples/digits.mjs", import.meta.url));
const data = process.env.HEAVYBALL_DATA;

describe("examples/digits.mjs", () => {
  it.skipIf(data === undefined)("reads at least 98.3 % of the test digits right", { timeout: 600_000 }, async () => {
    const { code, output, errors } = await runCommand(process.execPath, [example, join(data!, "mnist")], { milliseconds: 600_000 });
    expect([code, errors]).toEqual([0, ""]);
    const [, share] = /^(\d+\.\d+) % of 10000 test digits right$/m.exec(output)!;
    expect(Number(share)).toBeGreaterThanOrEqual(98.3);
    expect(output.match(/^epoch \d+: loss .*, held out \d+\.\d+ % wrong$/gm)).toHaveLength(15);
  });

  it("says what it misses where the directory has no such files", async () => {
    const { code, errors } = await runCommand(process.execPath, [example, fileURLToPath(new URL(".", import.meta.url))]);
    expect(code).toBe(1);
    expect(errors).toContain("a directory that holds train-images-idx3-ubyte.gz or train-images-idx3-ubyte");
  });
});
