import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wideBytes } from "#internal/runtime/chooseWide";
import { embeddedBytes, embeddedKernels } from "#internal/runtime/embeddedKernels";
import { machineFacts } from "#internal/runtime/machineFacts";
import { KernelMemory } from "#internal/runtime/memory";
import { compileKernels, instantiateKernels } from "#internal/runtime/module";
import { compareTiles } from "#internal/runtime/wideCheck";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { beginWorker, sweepBy } from "../support/queues.js";
import { hasRedis, withServer } from "../support/redisServer.js";
import { runFaulty } from "../support/runFiles.js";
import { outcomes, tinyTrial } from "../support/sweeps.js";
import { runTeam, TEAMS } from "../support/teamJobs.js";
import { variants } from "../support/variants.js";
import { functionBodies, readSections } from "./sections.js";

const major = Number.parseInt(process.versions.node, 10);
const hasRelaxed = variants.includes("relaxed");
const hasWide = major >= 24 && process.arch === "x64";

/** f32x4.relaxed_madd and f32x4.relaxed_nmadd, which takes the product away. */
const MADD = [0xfd, 0x85, 0x02];
const NMADD = [0xfd, 0x86, 0x02];

/** v128.load32_splat. */
const SPLAT = [0xfd, 0x09];

/** Where a function's body has an operation. */
const places = (body: Uint8Array, operation: number[]): number[] => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const found: number[] = [];
  for (let at = bytes.indexOf(Buffer.from(operation)); at >= 0; at = bytes.indexOf(Buffer.from(operation), at + 1)) found.push(at);
  return found;
};

/** The wide binary with one multiply-add made wrong of the tile that has `count` of them, four for each number of a row that it loads. */
async function wrongTile(count: number, which: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = wideBytes();
  const isTile = (body: Uint8Array) => places(body, MADD).length === count && places(body, SPLAT).length === count / 4;
  const bodies = functionBodies(readSections(bytes).code).filter(isTile);
  expect(bodies.length).toBe(1);
  const at = places(bodies[0], MADD).at(which)!;
  bodies[0].set(NMADD, at);
  return bytes;
}

it.runIf(!hasRelaxed)("is refused like relaxed where there is no relaxed SIMD", async () => {
  expect(await rejection(createRuntime({ kernels: "wide", threads: 1 }))).toMatchObject({ code: "UNSUPPORTED" });
});

it.runIf(hasRelaxed && !hasWide)("becomes relaxed, with the reason, where V8 makes no good use of its flag", async () => {
  const runtime = await createRuntime({ kernels: "wide", threads: 1 });
  expect(runtime).toMatchObject({ kernels: "relaxed", wide: false });
  expect(runtime.kernelsReason).toMatch(/^relaxed in place of wide: wide kernels need /);
  await runtime.dispose();
});

it("never comes unasked", async () => {
  const runtime = await createRuntime({ threads: 1 });
  expect(runtime.wide).toBe(false);
  expect(runtime.kernelsReason).toBe(hasRelaxed ? "this engine has relaxed SIMD" : "this engine has no relaxed SIMD");
  expect(machineFacts(runtime)).not.toHaveProperty("wide");
  await runtime.dispose();
});

describe.runIf(hasWide)("the wide kernels", () => {
  it("say that they are in use, and whose numbers they compute", async () => {
    const runtime = await createRuntime({ kernels: "wide", threads: 2 });
    expect(runtime).toMatchObject({ kernels: "relaxed", wide: true, threads: 2 });
    expect(runtime.kernelsReason).toMatch(/^wide asked for; .* \d\.\d\d times as fast as relaxed's/);
    expect(machineFacts(runtime)).toMatchObject({ kernels: "relaxed", wide: true });
    await runtime.dispose();
  });

  it("compute the bits of relaxed on every team", async () => {
    const { digests } = await runTeam(1, "relaxed");
    for (const threads of TEAMS) expect((await runTeam(threads, "wide")).digests).toEqual(digests);
  });

  // The tile of six rows and the short one; the first and the last of their multiply-adds, of the first panel and the second.
  it.each([
    [24, 0],
    [24, -1],
    [16, 0],
    [16, -1],
  ])("are refused when a tile is wrong (%i multiply-adds, number %i)", async (count, which) => {
    const wasm = await wrongTile(count, which);
    for (const threads of [1, 2]) {
      const runtime = await createRuntime({ kernels: "wide", wasm, threads });
      expect(runtime).toMatchObject({ kernels: "relaxed", wide: false });
      expect(runtime.kernelsReason).toBe("relaxed in place of wide: its products do not have the bits of relaxed's here");
      await runtime.dispose();
    }
  });

  it("are taken from the caller's bytes, and nothing else is taken for them", async () => {
    const runtime = await createRuntime({ kernels: "wide", wasm: wideBytes(), threads: 1 });
    expect(runtime.wide).toBe(true);
    await runtime.dispose();
    const wrong = { kernels: "wide", wasm: embeddedBytes("relaxed"), threads: 1 } as const;
    expect(await rejection(createRuntime(wrong))).toMatchObject({ code: "INVALID_OPTION", option: "kernels", value: "wide" });
    const other = { kernels: "relaxed", wasm: wideBytes(), threads: 1 } as const;
    expect(await rejection(createRuntime(other))).toMatchObject({ code: "INVALID_OPTION", option: "kernels", value: "relaxed" });
    const unasked = { wasm: wideBytes(), threads: 1 } as const;
    expect(await rejection(createRuntime(unasked))).toMatchObject({ code: "INVALID_OPTION", option: "kernels", value: "auto" });
  });

  const relaxedOn = async (memory: KernelMemory) => instantiateKernels(await embeddedKernels("relaxed", false), memory.memory);

  // As an engine would whose optimizer is wrong about one form of the tile: right at first, and wrong once the form has been repeated.
  it.each([
    ["wide", 4, 16],
    ["wide", 6, 8],
    ["wide", 4, 8],
    ["relaxed", 6, 8],
    ["relaxed", 4, 8],
  ])("are refused when a tile becomes wrong as the engine optimizes it (%s, %i x %i)", async (binary, tileRows, tileColumns) => {
    const memory = new KernelMemory(false);
    const relaxed = await relaxedOn(memory);
    const wide = instantiateKernels(await compileKernels(wideBytes(), false), memory.memory);
    const faulty = (kernels: typeof relaxed): typeof relaxed => {
      let repeated = 0;
      const { repeatTile, productForward } = kernels;
      return {
        ...kernels,
        repeatTile(repeat, rows, columns, ...rest) {
          if (rows === tileRows && columns === tileColumns) repeated += repeat;
          repeatTile(repeat, rows, columns, ...rest);
        },
        productForward(...given) {
          productForward(...given);
          const y = given[7];
          if (repeated > 300) memory.i32[y >> 2] ^= 1;
        },
      };
    };
    const found = compareTiles(binary === "wide" ? faulty(wide) : wide, binary === "relaxed" ? faulty(relaxed) : relaxed, memory);
    expect(found).toEqual({ refusal: "its products do not have the bits of relaxed's here", isWrong: true });
  });

  it("are refused when they trap", async () => {
    const memory = new KernelMemory(false);
    const relaxed = await relaxedOn(memory);
    const trapping = { ...relaxed, productBackward: () => relaxed.dot(2 ** 31 - 16, 2 ** 31 - 16, 2 ** 20) } as unknown as typeof relaxed;
    const refused = { refusal: expect.stringMatching(/^its products end here in ".*out of bounds/), isWrong: true };
    expect(compareTiles(trapping, relaxed, memory)).toEqual(refused);
  });

  it("are refused when they are not faster", async () => {
    const memory = new KernelMemory(false);
    const relaxed = await relaxedOn(memory);
    // A clock of the timed tiles alone, so that no machine's mood decides: relaxed's takes what `slowness` gives, the other 1, in fifths
    // of 1 ms.
    const verdict = (slowness: (tile: number) => number) => {
      let time = 0;
      let tiles = 0;
      const timed = (taken: () => number) => (_: number, rows: number) => void (time += rows === 6 ? taken() / 5 : 0);
      const slow = { ...relaxed, repeatTile: timed(() => slowness(tiles++)) } as typeof relaxed;
      const fast = { ...relaxed, repeatTile: timed(() => 1) } as typeof relaxed;
      return compareTiles(fast, slow, memory, () => time);
    };
    const refused = { refusal: expect.stringMatching(/times as fast as relaxed's here/) };
    expect(verdict(() => 1)).toMatchObject(refused);
    expect(verdict(() => 1.1)).toMatchObject(refused);
    expect(verdict(() => 1.9)).toMatchObject({ gain: expect.closeTo(1.9, 6) });
    // Held up now and then, by any amount.
    expect(verdict((tile) => (tile % 7 === 6 ? 1 : 100))).toMatchObject(refused);
    // Not yet optimized at first.
    expect(verdict((tile) => (tile < 20 ? 5 : 1.8))).toMatchObject({ gain: expect.closeTo(1.8, 6) });
  });

  describe("in a run", () => {
    let directory: string;
    beforeAll(() => (directory = mkdtempSync(join(tmpdir(), "heavyball-wide-"))));
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    const trial = "addition --length 20 --hidden 20 --batch-size 20 --test-cases 100 --updates 4000 --checkpoint-seconds 0.05";
    const begin = (kernels: string, out: string) => ["train", ...trial.split(" "), "--kernels", kernels, "--threads", "1", "--out", out];
    const model = (run: string) => readFileSync(join(directory, run, "model.safetensors"), "latin1");
    const record = (run: string) => JSON.parse(readFileSync(join(directory, run, "record.json"), "utf8"));
    const kill = async (args: string[], number: number): Promise<void> => {
      const fault = `kill:rename checkpoint.next.bin checkpoint.bin:${number}`;
      expect((await runFaulty(directory, args, { fault })).signal).toBe("SIGKILL");
    };

    it("may be killed and gone on with under relaxed, and the other way round", async () => {
      expect((await runCommand(directory, begin("relaxed", "whole"))).code).toBe(0);
      await kill(begin("wide", "changed"), 2);
      const going = "train --resume --out changed --threads 1 --checkpoint-seconds 0.05 --kernels".split(" ");
      const resume = (kernels: string) => [...going, kernels];
      await kill(resume("relaxed"), 2);
      const { code, stdout } = await runCommand(directory, [...resume("wide"), "--json"]);
      expect(code).toBe(0);
      expect(jsonLines(stdout)[0].machine).toMatchObject({ kernels: "relaxed", wide: true });
      expect(model("changed")).toBe(model("whole"));
      expect(record("changed")).toMatchObject({ kernels: "relaxed", final: record("whole").final, machine: { wide: true } });
      expect(record("whole").machine).not.toHaveProperty("wide");
    });

    it.runIf(hasRedis)(
      "of a worker's compute the trials of relaxed, as does a worker that is asked for nothing by a sweep that asks for wide",
      async () => {
        const sweep = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } } };
        await withServer({}, async (server) => {
          const wide = beginWorker(server, { kernels: "wide" });
          const first = await sweepBy(server, sweep, join(directory, "queue"), { kernels: "relaxed" });
          await wide.stop();
          const auto = beginWorker(server);
          const second = await sweepBy(server, sweep, join(directory, "queue-wide"), { kernels: "wide" });
          await auto.stop();
          for (const { rows } of [first, second]) expect(rows[0].record).toMatchObject({ kernels: "relaxed", machine: { wide: true } });
          expect(outcomes(second)).toEqual(outcomes(first));
        });
      },
    );
  });
});
