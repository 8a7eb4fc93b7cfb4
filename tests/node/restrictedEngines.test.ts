/**
 * Nodes that are denied something: each denial is one thread with a reason or a typed error with a remedy, never an error of the engine's
 * own.
 */
import { describe, expect, it } from "vitest";
import { runCommand, runModule } from "../support/childProcess.js";

/** A machine of two cores, whatever this one has, and a runtime: its threads and why, or the error. */
const program = (options: string) => `
  import os from "node:os";
  import { syncBuiltinESMExports } from "node:module";
  import { autoencoder, createRuntime } from "heavyball";
  os.availableParallelism = () => 2;
  syncBuiltinESMExports();
  try {
    const runtime = await createRuntime(${options});
    runtime.network(autoencoder({ encoder: [5, 3] })).evaluate({ inputs: new Float32Array(5), cases: 1 });
    console.log(runtime.threads + ": " + runtime.threadsReason);
  } catch (error) {
    console.log(error.code + ": " + error.message);
  }
`;

const flag = ["--permission", "--experimental-permission"].find((name) => process.allowedNodeEnvironmentFlags.has(name));

describe("Node's permission model", () => {
  it("is there to be tested", () => expect(flag).toBeDefined());

  it("leaves one thread, and says why", async () => {
    const { code, output } = await runModule(program(""), { flags: [flag!, "--allow-fs-read=*"] });
    expect(code).toBe(0);
    expect(output).toMatch(
      /^1: one thread: a helper thread could not start \(.*restricted.*\); for several, start Node with --allow-worker$/,
    );
  });

  it("refuses threads that were asked for, in a sentence", async () => {
    const { code, output } = await runModule(program("{ threads: 2 }"), { flags: [flag!, "--allow-fs-read=*"] });
    expect(code).toBe(0);
    expect(output).toMatch(
      /^UNSUPPORTED: a helper thread could not start: .*restricted.*; start Node with --allow-worker, or use threads: 1$/,
    );
  });

  it("that allows workers changes nothing", async () => {
    const { output } = await runModule(program(""), { flags: [flag!, "--allow-fs-read=*", "--allow-worker"] });
    expect(output).toBe("2: this machine offers 2 cores");
  });
});

describe("a Node without WebAssembly", () => {
  it("is a typed error that names the remedy", async () => {
    const { code, output } = await runModule(program(""), { flags: ["--jitless"] });
    expect(code).toBe(0);
    expect(output).toMatch(/^UNSUPPORTED: this engine has no WebAssembly; start Node without --jitless/);
  });
});

// Windows has no limit of this kind, and macOS does not enforce it.
describe.skipIf(process.platform !== "linux")("a limit on the address space", () => {
  const limited = (kibibytes: number, flags = "", options = "") => {
    const command = `ulimit -v ${kibibytes}; exec "$0" ${flags} --input-type=module --eval "$1"`;
    return runCommand("sh", ["-c", command, process.execPath, program(options)]);
  };

  it("too tight for a memory is a typed error that names the remedy, unless this Node's memories need less", async () => {
    const { code, output } = await limited(5_000_000);
    expect(code).toBe(0);
    expect(output).toMatch(
      new RegExp(
        "^(OUT_OF_MEMORY: a WebAssembly memory needs 1048576 bytes, more than this engine gives; .*raise the limit.*" +
          "--disable-wasm-trap-handler|1: the limit on address space)",
      ),
    );
  });

  it("can be lived with as the remedy says", async () => {
    const { output } = await limited(8_000_000, "--disable-wasm-trap-handler");
    expect(output).toMatch(/^1: the limit on address space \(ulimit -v\) has room for 1 thread; raise it for more$/);
  });

  it("too tight for threads leaves one, and says why", async () => {
    const { code, output } = await limited(12_000_000);
    expect([code, output]).toEqual([0, "1: the limit on address space (ulimit -v) has room for 1 thread; raise it for more"]);
  });

  it("too tight for the threads that were asked for is a typed error, before the engine ends the process", async () => {
    const { code, output } = await limited(12_000_000, "", "{ threads: 8 }");
    expect(code).toBe(0);
    expect(output).toMatch(/^UNSUPPORTED: threads is 8, and there can be 1 here: the limit on address space .*; raise it for more;/);
    expect(output).toMatch(/; leave threads out, or use threads: 1$/);
  });

  it("too tight for a memory is said at once, whatever threads were asked for", async () => {
    const alone = await limited(3_000_000);
    const asked = await limited(3_000_000, "", "{ threads: 2 }");
    expect([alone.code, asked.code]).toEqual([0, 0]);
    // Some Nodes' memories need less, and find room.
    if (alone.output.startsWith("OUT_OF_MEMORY")) {
      expect(asked.output).toBe(alone.output);
      expect(asked.output).toMatch(/start Node with --disable-wasm-trap-handler/);
    } else expect([alone.output, asked.output]).toEqual([expect.stringMatching(/^1: /), expect.stringMatching(/use threads: 1$/)]);
    const lifted = await limited(3_000_000, "--disable-wasm-trap-handler", "{ threads: 2 }");
    expect(lifted.output).toMatch(/^UNSUPPORTED: threads is 2, and there can be 1 here: .*; leave threads out, or use threads: 1$/);
  });

  it("that is wide enough changes nothing", async () => {
    expect((await limited(30_000_000)).output).toBe("2: this machine offers 2 cores");
  });
});
