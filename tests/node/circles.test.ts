import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { circles, readImports } from "../support/imports.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const all = readImports(root, ["src", "assembly"]);
const files = new Map([...all].map(([file, imports]) => [file, imports.files]));

/** Rooms that know nothing of what the library is for: any room but abi and the kernels may use them, they use only each other. */
const leaves: Readonly<Record<string, readonly string[]>> = {
  // What comes from outside: errors.ts and validate.ts belong to it.
  boundary: [],
  options: [],
  version: [],
  breath: [],
  math: ["boundary"],
  random: ["boundary", "math"],
  schedules: ["boundary"],
  initialize: ["boundary", "math", "random"],
  objectives: ["boundary"],
  formats: ["boundary"],
  report: ["boundary", "schedules"],
};

const core = ["runtime", "networks", "optimizers", "createRuntime"];
const library = [...core, "tasks", "trials", "training"];

/** Beside the leaves, the rooms that a room may use: arrows point down, and nothing below knows what is above it. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  // As "#platform", which is the one of the two that suits.
  runtime: ["abi", "node/platform", "web/platform"],
  networks: ["abi", "runtime"],
  optimizers: ["abi", "runtime", "networks"],
  createRuntime: ["runtime", "networks", "optimizers"],
  tasks: ["networks"],
  training: [...core, "tasks"],
  trials: [...core, "tasks"],
  sweeps: library,
  studies: [...library, "sweeps"],
  momentumRuntime: ["runtime", "networks", "optimizers"],
  momentum: [...core, "momentumRuntime", "tasks", "training"],
  index: [...library, "sweeps", "studies"],
  "node/platform": ["abi", "runtime"],
  "web/platform": ["abi", "runtime"],
  node: [...library, "sweeps", "node/platform"],
  // The main entry too, of which, with its own, it makes one file.
  web: [...library, "sweeps", "studies", "index", "web/platform"],
  queue: [...library, "sweeps", "node"],
  bench: ["abi", ...core, "tasks"],
  cli: [...library, "sweeps", "studies", "node", "queue", "bench"],
};

/** Rooms that may use what Node has and browsers have not. */
const onNode = ["node", "node/platform", "queue", "cli"];

/** The folder of a file of the host, or its name where it lies in none; of the kernels all are one room. */
function roomOf(file: string): string {
  const [top, first, ...rest] = file.replace(/\.ts$/, "").split(/[\\/]/);
  if (top === "assembly") return top;
  if (rest.length === 0) return first === "errors" || first === "validate" ? "boundary" : first;
  return rest[0] === "platform" && first !== "runtime" ? `${first}/platform` : first;
}

/** What a room may use, itself not included. */
function allowed(room: string): readonly string[] {
  if (room === "assembly") return ["abi"];
  if (room === "abi") return [];
  return leaves[room] ?? [...Object.keys(leaves), ...rooms[room]];
}

describe("imports", () => {
  it("were all found, those of types and of kernels too", () => {
    expect(files.size).toBeGreaterThan(250);
    expect(files.get("src/networks/networkLike.ts")).toContain("src/networks/describe.ts");
    expect(files.get("src/runtime/team.ts")).toEqual(expect.arrayContaining(["src/node/platform.ts", "src/web/platform.ts"]));
    expect(files.get("assembly/network/curvaturePass.ts")).toEqual(
      expect.arrayContaining(["assembly/recurrent/curvature.ts", "src/abi/curvature.ts"]),
    );
  });

  it("are found to run in a circle where they do", () => {
    const tree = { a: ["b", "c"], b: ["d"], c: ["d"], d: [] as string[] };
    const found = (more: object) => circles(new Map(Object.entries({ ...tree, ...more })));
    expect(found({})).toEqual([]);
    expect(found({ d: ["b"] })).toEqual([["b", "d", "b"]]);
    expect(found({ a: ["a"] })).toEqual([["a", "a"]]);
    expect(found({ c: ["e"], e: ["a"] })).toEqual([["a", "c", "e", "a"]]);
  });

  it("run in no circle", () => {
    expect(circles(files).map((circle) => circle.join(" -> "))).toEqual([]);
  });
});

describe("the rooms of the house", () => {
  it("are all in the tables above", () => {
    const known = ["abi", "assembly", ...Object.keys(leaves), ...Object.keys(rooms)];
    expect([...new Set([...files.keys()].map(roomOf))].filter((room) => !known.includes(room))).toEqual([]);
  });

  it("use only what is below them", () => {
    const wrong = [...files].flatMap(([file, imports]) => {
      const room = roomOf(file);
      return imports
        .filter((other) => roomOf(other) !== room && !allowed(room).includes(roomOf(other)))
        .map((other) => `${file} -> ${other}`);
    });
    expect(wrong).toEqual([]);
  });

  it("leave Node's modules to those that run on Node alone", () => {
    const users = [...all].filter(([, { packages }]) => packages.some((name) => name.startsWith("node:"))).map(([file]) => roomOf(file));
    expect(users.length).toBeGreaterThan(10);
    expect([...new Set(users)].filter((room) => !onNode.includes(room))).toEqual([]);
  });

  it("leave the optional packages to the queue, which says so when they are missing", () => {
    const optional = ["bullmq", "ioredis"];
    const users = [...all].filter(([, { packages }]) => packages.some((name) => optional.includes(name))).map(([file]) => roomOf(file));
    expect([...new Set(users)]).toEqual(["queue"]);
  });
});

it("comments cite files that are there", () => {
  const there = ["src", "assembly", "tests"].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }));
  const names = new Set(there.map((path) => basename(path)));
  const cited = [...all.keys()].flatMap((file) => {
    const comments = readFileSync(join(root, file), "utf8").match(/\/\*[\s\S]*?\*\/|\/\/.*/g) ?? [];
    return comments.flatMap((comment) => comment.match(/[\w/]+\.ts\b/g) ?? []).map((name) => ({ file, name }));
  });
  expect(cited.length).toBeGreaterThan(20);
  expect(cited.filter(({ name }) => !names.has(basename(name)))).toEqual([]);
});
