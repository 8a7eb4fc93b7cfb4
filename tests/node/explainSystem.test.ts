import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { explainSystem } from "#internal/cli/explainSystem";
import { rejection } from "../support/failures.js";

const directory = mkdtempSync(join(tmpdir(), "heavyball-system-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

describe("what the system says of a file", () => {
  mkdirSync(at("directory"));
  writeFileSync(at("file"), "");

  it.each([
    [
      "a directory in a file's place",
      () => renameSync(at("file"), at("directory")),
      at("directory"),
      "move it away, or give another place",
    ],
    ["a file in a directory's place", () => readFileSync(at("file/in it")), at("file/in it"), "move it away, or give another place"],
    ["a file that is not there", () => readFileSync(at("none")), at("none"), "see whether its name is right"],
    ["a name too long", () => readFileSync(at("x".repeat(300))), at("x".repeat(300)), "give a shorter one"],
  ])("is a sentence with the file and the remedy: %s", async (_name, act, path, remedy) => {
    const error = await rejection((async () => act())());
    expect(error).toMatchObject({ syscall: expect.any(String) });
    const sentence = explainSystem(error);
    expect(sentence.startsWith(`${JSON.stringify(path)} cannot be used: `)).toBe(true);
    expect(sentence).toContain(remedy);
    expect(sentence).toContain(error.message);
  });

  it("is left as it is where there is no file, or nothing is known of it", () => {
    const error = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
    expect(explainSystem(error)).toBe("connect ECONNREFUSED");
    expect(explainSystem(Object.assign(new Error("odd"), { code: "toString", path: "x" }))).toBe("odd");
  });
});
