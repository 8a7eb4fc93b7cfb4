import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreError } from "heavyball";
import { sweepDirectory } from "heavyball/node";
import { afterAll, describe, expect, it } from "vitest";
import { inTrial } from "#internal/node/trialPlaces";
import { noRoomIn, noRoomOf } from "#internal/trials/noRoom";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { runFaulty } from "../support/runFiles.js";
import { tinySweep } from "../support/sweeps.js";

const directory = mkdtempSync(join(tmpdir(), "heavyball-places-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (...parts: string[]) => join(directory, ...parts);

/** As the system throws it. Tests may be run by a user who may do anything. */
const systemError = (code: string, syscall: string, path: string) =>
  Object.assign(new Error(`${code}: injected, ${syscall} '${path}'`), { code, syscall, path });
const key = "a".repeat(64);

describe("a place that this user may not use", () => {
  const place = at("sweep", "trials", key);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "record.json"), "");
  const failing = (error: Error) => rejection(inTrial(at("sweep"), key, () => Promise.reject(error)));

  it.each(["EACCES", "EPERM"])("(%s) is to have its permissions changed, and is not to be moved away", async (code) => {
    const probe = systemError(code, "mkdir", join(place, ".heavyball-1-1.tmp"));
    const unusable = new StoreError("unusable", place, `store is ${place}, where nothing can be written`, { cause: probe });
    for (const error of [probe, unusable])
      expect(await failing(error)).toMatchObject({
        place,
        message: `${place} is no directory in which a run can be kept (${probe.message}): change its permissions`,
      });
    const inner = systemError(code, "open", join(place, "record.json"));
    expect(await failing(inner)).toMatchObject({
      place,
      message: `${place}/record.json cannot be written (${inner.message}): change its permissions`,
    });
    // What has another's place is to be moved away all the same.
    expect((await failing(systemError("ENOTDIR", "open", join(place, "record.json")))).message).toMatch(/: move it away$/);
  });

  it("is one trial's trouble alone where its disk can only be read, and is not taken for one that is full", async () => {
    const reason = systemError("EROFS", "mkdir", join(place, ".heavyball-1-1.tmp"));
    const error = await failing(noRoomIn(place, reason));
    const message = `${place} is no directory in which a run can be kept (${reason.message}): have it mounted for writing`;
    expect(error).toMatchObject({ trouble: "unusable", place, message });
    expect(noRoomOf(error)).toBeUndefined();
    expect(await failing(noRoomIn(place, systemError("ENOSPC", "mkdir", place)))).toMatchObject({ trouble: "full" });
  });

  it.each(["EACCES", "EPERM"])("(%s) is told so where it is that of all trials", async (code) => {
    writeFileSync(at("sweep.json"), JSON.stringify(tinySweep));
    const out = `all-${code}`;
    mkdirSync(at(out, "trials"), { recursive: true });
    // The first is tried in the directory of the sweep.
    const args = ["sweep", "sweep.json", "--out", out, "--kernels", "simd"];
    const { code: exitCode, stderr } = await runFaulty(directory, args, { fault: `${code}:mkdir:1` });
    const words = `^heavyball: ${out}/trials is no directory in which trials can be kept \\(${code}: injected, mkdir '[^']*'\\): `;
    expect(stderr).toMatch(new RegExp(`${words}change its permissions, or give the sweep another directory\\n$`));
    expect(exitCode).toBe(2);
  });
});

describe("a link in the place of all trials that leads nowhere", () => {
  it("is told of a directory that is listed, as of one that is run in", async () => {
    mkdirSync(at("away"));
    symlinkSync(at("not-mounted"), at("away", "trials"));
    writeFileSync(at("away", "store.json"), JSON.stringify({ format: 1 }));
    const sentence = "away/trials is no directory in which trials can be kept (it is a link that leads nowhere): ";
    const { code, stdout, stderr } = await runCommand(directory, ["sweep", "away"]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(`heavyball: ${sentence}`)]);
    expect(await rejection(sweepDirectory(at("away")).list())).toMatchObject({ trouble: "unusable", place: at("away") });
    mkdirSync(at("not-mounted"));
    expect(await runCommand(directory, ["sweep", "away"])).toMatchObject({ code: 0, stderr: "" });
  });
});
