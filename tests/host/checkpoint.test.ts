import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckpointMismatchError, FormatError, type MomentumState } from "heavyball";
import { readCheckpoint, writeCheckpoint } from "#internal/formats/checkpointFile";
import { checkSameTrial, decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "#internal/trials/checkpoint";
import { checkTrialSpec } from "#internal/trials/spec";

const spec = checkTrialSpec({
  task: { name: "addition", length: 20, hidden: 3 },
  optimizer: { method: "nesterov", learningRate: 0.001, momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [1000] } },
  updates: 50,
});
const checkpoint: Checkpoint = {
  spec,
  kernels: "relaxed",
  state: { update: 7, seconds: 1.25, parameters: Float32Array.of(1, -2, 1e-30), optimizer: { method: "nesterov", update: 7, velocity: Float32Array.of(0.5, -0, 3) } },
  reports: [{ update: 0, updates: 50, zeroOne: 0.1 + 0.2, casesProcessed: 0, seconds: 0 }],
};

async function failure(bytes: Uint8Array<ArrayBuffer>): Promise<FormatError> {
  const error = await decodeCheckpoint(bytes, "some/checkpoint.bin").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toMatch(/^some\/checkpoint\.bin.*: at byte \d+, expected /);
  return error as FormatError;
}

describe("checkpoints", () => {
  it("read back the same to the bit", async () => {
    const bytes = await encodeCheckpoint(checkpoint);
    const read = await decodeCheckpoint(bytes, "file");
    expect(read).toEqual(checkpoint);
    expect(Object.is((read.state.optimizer as MomentumState).velocity[1], -0)).toBe(true);
    expect(await encodeCheckpoint(read)).toEqual(bytes);
  });

  it("are refused when any one bit of them has changed, or the end is missing", async () => {
    const bytes = await encodeCheckpoint(checkpoint);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const damaged = bytes.slice();
        damaged[bit >> 3] ^= 1 << (bit & 7);
        await failure(damaged);
      }),
      { numRuns: 60 },
    );
    await fc.assert(fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => void (await failure(bytes.slice(0, length)))), { numRuns: 30 });
    await failure(new Uint8Array([...bytes, 0]));
  });

  it("say where they are wrong", async () => {
    const bytes = await encodeCheckpoint(checkpoint);
    const changed = (at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect((await failure(changed(3))).message).toContain('at byte 3, expected the letters "HVYBALL"');
    expect((await failure(changed(8))).message).toContain("at byte 8, expected format version 1, found 0");
    expect((await failure(changed(100))).message).toContain(`at byte ${bytes.length - 32}, expected the SHA-256 of the bytes before it`);
    expect((await failure(bytes.slice(0, 40))).message).toContain("at byte 40, expected a checkpoint of at least 56 bytes");
    const empty = await writeCheckpoint({ numerics: 1, kernels: "simd", header: {}, tensors: [] });
    expect((await failure(empty)).message).toContain('an F32 tensor named "parameters"');
  });

  it("carry the kernel variant and the numerics version, and are refused by code that computes other bits", async () => {
    const bytes = await writeCheckpoint({ numerics: 77, kernels: "simd", header: { a: [1] }, tensors: [] });
    expect(await readCheckpoint(bytes, "file")).toEqual({ numerics: 77, kernels: "simd", header: { a: [1] }, tensors: [] });
    await expect(decodeCheckpoint(bytes, "file")).rejects.toThrow(CheckpointMismatchError);
    await expect(decodeCheckpoint(bytes, "file")).rejects.toThrow("the numerics version of the saved state is 77, here it is 1");
  });

  it("belong to one spec", () => {
    expect(() => checkSameTrial(spec, structuredClone(spec))).not.toThrow();
    const mismatch = (change: object): string => {
      try {
        checkSameTrial(spec, { ...spec, ...change });
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointMismatchError);
        return (error as Error).message;
      }
      return "";
    };
    expect(mismatch({ seed: 2 })).toContain("spec.seed of the saved state is 1, here it is 2");
    expect(mismatch({ task: { ...spec.task, length: 21 } })).toContain("spec.task.length of the saved state is 20, here it is 21");
    expect(mismatch({ task: { ...spec.task, seed: 4 } })).toContain("spec.task.seed of the saved state is undefined, here it is 4");
    expect(mismatch({ optimizer: { ...spec.optimizer, momentum: 0.9 } })).toContain("spec.optimizer.momentum of the saved state is");
  });
});
