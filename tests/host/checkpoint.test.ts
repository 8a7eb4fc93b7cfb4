import fc from "fast-check";
import { CheckpointMismatchError, FormatError, type MomentumState } from "heavyball";
import { describe, expect, it } from "vitest";
import { readCheckpoint, writeCheckpoint } from "#internal/formats/checkpointFile";
import { type Checkpoint, checkSameTrial, decodeCheckpoint, encodeCheckpoint } from "#internal/trials/checkpoint";
import { checkTrialSpec } from "#internal/trials/spec";

const spec = checkTrialSpec({
  task: { name: "addition", length: 20, hidden: 3 },
  optimizer: { method: "nesterov", learningRate: 0.001, momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [1000] } },
  updates: 50,
});
const checkpoint: Checkpoint = {
  spec,
  kernels: "relaxed",
  state: {
    update: 7,
    seconds: 1.25,
    parameters: Float32Array.of(1, -2, 1e-30),
    optimizer: { method: "nesterov", update: 7, velocity: Float32Array.of(0.5, -0, 3) },
  },
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
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => void (await failure(bytes.slice(0, length)))),
      { numRuns: 30 },
    );
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

  /** A checkpoint with the right SHA-256 whose header is this; everything else is that of `checkpoint`. */
  const signed = (
    header: unknown,
    tensors = [
      { name: "parameters", shape: [3], data: Float32Array.of(1, 2, 3) },
      { name: "optimizer.velocity", shape: [3], data: new Float32Array(3) },
    ],
  ) => writeCheckpoint({ numerics: 1, kernels: "simd", header, tensors });
  const report = { update: 0, updates: 50, zeroOne: 0.3, casesProcessed: 0, seconds: 0 };
  const header = {
    spec,
    update: 7,
    seconds: 1.25,
    optimizer: { method: "nesterov", update: 7 },
    reports: [report, { ...report, update: 7, conjugateGradientEnd: "progress", rho: null, beforeFinal: { zeroOne: 0.3 } }],
  };

  it("that were signed by somebody are refused by structure: nothing that no trial can have gets into one", async () => {
    expect((await decodeCheckpoint(await signed(header), "file")).state.update).toBe(7);
    for (const [wrong, words] of [
      [null, "a header that is an object, found null"],
      [[], "a header that is an object"],
      ["text", "a header that is an object"],
      [{ ...header, optimizer: { method: "nesterov", update: 8 } }, "an optimizer that has made the trial's 7 updates, found 8"],
      [{ ...header, update: 8 }, "an optimizer that has made the trial's 8 updates, found 7"],
      [{ ...header, update: 51, optimizer: { update: 51 } }, "at most the 50 updates of its spec, found 51"],
      [{ ...header, update: -1 }, "a number of updates, found -1"],
      [{ ...header, update: "7" }, "a number of updates, found"],
      [{ ...header, update: 1.5 }, "a number of updates, found 1.5"],
      [{ ...header, seconds: null }, "a number of seconds of at least 0, found null"],
      [{ ...header, seconds: -1 }, "a number of seconds of at least 0"],
      [{ ...header, optimizer: null }, "an optimizer's state, found null"],
      [{ ...header, optimizer: undefined }, "an optimizer's state"],
      [{ ...header, optimizer: { ...header.optimizer, velocity: [0, 0, 0] } }, 'one part "velocity" of the optimizer\'s state'],
      [{ ...header, totals: null }, "totals that are an object"],
      [{ ...header, totals: { conjugateGradientSteps: 3 } }, "a number of cases processed"],
      [{ ...header, reports: null }, "an array of reports, found null"],
      [{ ...header, reports: [null] }, "an object as report 0, found null"],
      [{ ...header, reports: [{ ...report, update: 8 }] }, "report 0 to be of an update after -1, and not after 7, found 8"],
      [{ ...header, reports: [report, report] }, "report 1 to be of an update after 0"],
      [{ ...header, reports: [{ ...report, zeroOne: {} }] }, '"zeroOne" of report 0'],
      [{ ...header, reports: [{ ...report, beforeFinal: 3 }] }, 'measures as "beforeFinal" of report 0, found 3'],
      [{ ...header, reports: [{ ...report, beforeFinal: { zeroOne: null } }] }, 'measures as "beforeFinal" of report 0'],
      [{ ...header, reports: [{ ...report, zeroOne: null }] }, '"zeroOne" of report 0, found null'],
      [{ ...header, reports: [{ ...report, zeroOne: "0.3" }] }, '"zeroOne" of report 0, found'],
      [{ ...header, best: null }, "a best that is an object"],
      [{ ...header, best: { update: 8 } }, "a best of at most 7 updates, found 8"],
      [{ ...header, best: { update: 1 } }, 'an F32 tensor named "best" of 3 numbers'],
      [{ ...header, spec: null }, "the spec of a trial, found one that is wrong: spec is null"],
      [{ ...header, spec: { ...spec, updates: 0 } }, "the spec of a trial, found one that is wrong: updates is 0"],
    ] as const) {
      expect((await failure(await signed(wrong))).message).toContain(words);
    }
  });

  it("hold the best parameters and the last finite loss, and are read without them", async () => {
    const full: Checkpoint = {
      ...checkpoint,
      state: { ...checkpoint.state, optimizer: { ...(checkpoint.state.optimizer as MomentumState), lastLoss: 0.1 + 0.2 } },
      best: { update: 3, parameters: Float32Array.of(3, 2, 1) },
    };
    expect(await decodeCheckpoint(await encodeCheckpoint(full), "file")).toEqual(full);
    expect((await decodeCheckpoint(await encodeCheckpoint(checkpoint), "file")).best).toBeUndefined();
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
