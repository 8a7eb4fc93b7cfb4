/**
 * The campaign of faults against runs and their files, at length; the tests have it in small.
 *
 *     npm run campaign -- [--rounds 100] [--seed N] [--jobs 2]
 *
 * Each round: a SIGKILL after a random time, then one at a random operation on files while the run goes on; a disk error at a random
 * operation; a checkpoint with random bits changed; two processes that go on with one run, and two that begin different ones, at once.
 * Besides, one kill and one disk error at every operation. After each the run must go on to the bits of one that met no fault, with no file
 * too many. Prints the seed first, so that a failure can be repeated as far as time allows, and one line of counts at the end; exits with 1
 * at the first run that is not as it must be, whose directory stays.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "100" }, seed: { type: "string" }, jobs: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const jobs = Number(values.jobs);
const root = mkdtempSync(join(tmpdir(), "heavyball-campaign-"));
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const faults = fileURLToPath(new URL("../tests/support/faults.mjs", import.meta.url));
console.log(`seed ${seed}, ${rounds} rounds, in ${root}`);

/** Short for faults at operations, which are few then; longer for moments drawn by time. */
const size = (
  "addition --hidden 3 --batch-size 4 --test-cases 10 --threads 1 --kernels simd --checkpoint-seconds 0.01 --learning-rate 0.3 " +
  "--seed 5 --length 10"
).split(" ");
const short = ["train", ...size, "--updates", "3"];
const long = ["train", ...size, "--updates", "6000"];

/** xorshift32: numbers from 0 to n - 1. */
function random(start) {
  let state = (start * 2654435761) >>> 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** `after`: milliseconds until the process is killed, if it still runs. */
function run(args, { env = {}, after } = {}) {
  const child = spawn(process.execPath, [...(Object.keys(env).length > 0 ? ["--import", faults] : []), main, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const timer = after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), after);
  return new Promise((resolve, reject) =>
    child.on("error", reject).on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr });
    }),
  );
}

/** What a finished run holds, without seconds. */
function contents(name) {
  const read = (file, encoding = "utf8") => readFileSync(join(root, name, file), encoding);
  const { seconds: _, ...record } = JSON.parse(read("record.json"));
  const reports = read("reports.jsonl")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0 }));
  const files = readdirSync(join(root, name))
    .filter((file) => file !== "checkpoint.previous.bin")
    .sort();
  return JSON.stringify([
    files,
    record,
    reports,
    read("spec.json"),
    read("model.safetensors", "latin1"),
    read("best.safetensors", "latin1"),
  ]);
}

const counts = {};
const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);

function require(holds, name, what) {
  if (holds) return;
  console.error(`FAILED: ${name}: ${what}; its directory: ${join(root, name)}`);
  process.exit(1);
}

const whole = {};
async function goesOn(args, name, what) {
  const { code, stderr } = await run([...args, "--out", name, "--resume"]);
  require(code === 0, name, `${what}: exit code ${code}, ${stderr}`);
  require(contents(name) === whole[args.at(-1)], name, `${what}: other contents`);
  rmSync(join(root, name), { recursive: true });
}

async function killedByTime(draw, name) {
  let killed = 0;
  // Most of the time is taken by the start of Node; the run lasts about a second.
  for (let kill = 0; kill < 2; kill++)
    if ((await run([...long, "--out", name, "--resume"], { after: 150 + draw(1200) })).signal !== null) killed++;
  if (killed > 0) count("killed at a random moment");
  const moment = draw(120);
  const { signal } = await run([...long, "--out", name, "--resume"], { env: { FAULT: `kill:${moment}` } });
  if (signal !== null) count("killed at a random operation while going on");
  await goesOn(long, name, `killed ${killed} times, then at operation ${moment}`);
}

async function failedDisk(draw, name) {
  const [fault, lasts] = [`${["ENOSPC", "EIO", "EROFS"][draw(3)]}:${draw(150)}`, draw(2) === 1];
  const { code, stderr } = await run([...long, "--out", name], { env: { FAULT: fault, ...(lasts ? { FAULT_LASTS: "1" } : {}) } });
  require(/^(heavyball: .*\n)?$/.test(stderr) && [0, 1, 2].includes(code), name, `${fault}: exit code ${code}, ${stderr}`);
  if (code !== 0) count("disk errors");
  if (code !== 0 && existsSync(join(root, name)))
    require(!readdirSync(join(root, name)).some((file) => file.endsWith(".tmp") && !lasts), name, `${fault} left a temporary file`);
  await goesOn(long, name, fault);
}

async function damaged(draw, name) {
  cpSync(join(root, "whole-6000"), join(root, name), { recursive: true });
  for (const file of draw(4) === 0
    ? ["checkpoint.bin", "checkpoint.previous.bin"]
    : [["checkpoint.bin", "best.safetensors", "model.safetensors", "reports.jsonl"][draw(4)]]) {
    const path = join(root, name, file);
    const bytes = readFileSync(path);
    const bits = 1 + draw(3);
    for (let bit = 0; bit < bits; bit++) bytes[draw(bytes.length)] ^= 1 << draw(8);
    writeFileSync(path, draw(5) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes);
  }
  count("damaged files");
  const { code, stderr } = await run(["train", "--resume", "--out", name, "--threads", "1"]);
  if (code === 1 && /^heavyball: .*checkpoint\.bin: at byte \d+, expected .*\n$/.test(stderr))
    return rmSync(join(root, name), { recursive: true });
  require(code === 0 && !stderr.includes("    at "), name, `damaged: exit code ${code}, ${stderr}`);
  await goesOn(long, name, "damaged");
}

async function twoAtOnce(_, name) {
  const ends = await Promise.all([0, 1].map(() => run([...short, "--out", name, "--resume"])));
  require(ends.some(({ code }) => code === 0) &&
    ends.every(({ code }) => code === 0 || code === 2), name, `two at once: ${JSON.stringify(ends)}`);
  count(
    ends.every(({ code }) => code === 0)
      ? "two processes on one run, one after the other"
      : "two processes on one run, one of them refused",
  );
  await goesOn(short, name, "two at once");
  const others = await Promise.all(
    [21, 22].map((other) => run([...short.map((arg) => (arg === "5" ? String(other) : arg)), "--out", name])),
  );
  require(others
    .map(({ code }) => code)
    .sort()
    .join() === "0,2", name, `two trials at once: ${JSON.stringify(others)}`);
  const read = (file) => JSON.parse(readFileSync(join(root, name, file), "utf8"));
  require(JSON.stringify(read("spec.json")) ===
    JSON.stringify(read("record.json").spec), name, "two trials at once: spec and record differ");
  count("two trials begun at once");
  rmSync(join(root, name), { recursive: true });
}

async function atOperation(at, name) {
  const killed = await run([...short, "--out", name], { env: { FAULT: `kill:${at}` } });
  require(killed.signal === "SIGKILL", name, `operation ${at} was never reached`);
  count("killed at an operation");
  await goesOn(short, name, `killed at operation ${at}`);
  const { code, stderr } = await run([...short, "--out", name], { env: { FAULT: `EIO:${at}` } });
  require(/^(heavyball: .*\n)?$/.test(stderr) && [0, 1, 2].includes(code), name, `EIO at ${at}: exit code ${code}, ${stderr}`);
  count("disk errors at an operation");
  await goesOn(short, name, `EIO at operation ${at}`);
}

async function each(items, work) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

const trace = join(root, "trace");
for (const args of [short, long]) {
  const name = `whole-${args.at(-1)}`;
  const { code, stderr } = await run([...args, "--out", name], args === short ? { env: { FAULT_TRACE: trace } } : {});
  require(code === 0, name, stderr);
  whole[args.at(-1)] = contents(name);
}
const operations = readFileSync(trace, "utf8").trim().split("\n").length;
await each([...Array(operations).keys()], (at) => atOperation(at, `operation-${at}`));
await each([...Array(rounds).keys()], async (round) => {
  for (const [at, work] of [killedByTime, failedDisk, damaged, twoAtOnce].entries())
    await work(random(seed + 4 * round + at), `round-${round}-${work.name}`);
});
const done = Object.entries(counts).map(([what, times]) => `${times} ${what}`);
console.log(`${done.join(", ")}: all ended in the right bits`);
rmSync(root, { recursive: true });
