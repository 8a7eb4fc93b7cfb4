import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { labHeaders } from "#internal/cli/commands/lab";
import { runCommand } from "../support/childProcess.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const run = (...args: string[]) => runCommand(process.execPath, [main, "lab", ...args]);

it("docs/browser.md gives the policy that is sent, for whoever hosts the page elsewhere", () => {
  const text = readFileSync(new URL("../../docs/browser.md", import.meta.url), "utf8");
  expect(text.split("\n")).toContain(`    ${labHeaders["Content-Security-Policy"]}`);
});

it("heavyball lab serves the page on this machine alone, isolated and under a policy, until Ctrl-C", async () => {
  const child = spawn(process.execPath, [main, "lab", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const said = await new Promise<string>((resolve) => child.stdout.once("data", (bytes: Buffer) => resolve(String(bytes))));
  const address = /^The laboratory is at (http:\/\/127\.0\.0\.1:\d+\/) \(Ctrl-C ends it\)\n$/.exec(said)![1];
  const page = await fetch(address);
  expect(page.status).toBe(200);
  for (const [name, value] of Object.entries(labHeaders)) expect(page.headers.get(name), name).toBe(value);
  const text = await page.text();
  expect(text).toContain("<title>heavyball laboratory</title>");
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(text)![1];
  expect((await fetch(address + script)).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect((await fetch(`${address}icon.svg`, { method: "HEAD" })).headers.get("content-type")).toBe("image/svg+xml");
  for (const path of ["not-there.js", "..%2f..%2fpackage.json", "%00", "%", "assets"])
    expect((await fetch(address + path)).status, path).toBe(404);
  expect((await fetch(address, { method: "POST", body: "x" })).status).toBe(405);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

it("heavyball lab refuses in a sentence what it cannot do", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const busy = await run("--port", String(port));
  expect([busy.code, busy.output]).toEqual([2, ""]);
  expect(busy.errors).toMatch(/--port is \d+; --port must be a free port, unlike this one, which another program listens on/);
  other.close();
  for (const args of [["--port", "70000"], ["--port", "x"], ["--prot", "1"], ["page"]]) {
    const wrong = await run(...args);
    expect([wrong.code, wrong.output], args.join(" ")).toEqual([2, ""]);
    expect(wrong.errors.trim().split("\n").length, wrong.errors).toBeLessThan(4);
  }
  const help = await run("--help");
  expect(help.code).toBe(0);
  expect(help.output).toMatch(/^heavyball lab \[options\]/);
});
