import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError, InvalidOptionError } from "heavyball";
import { DownloadError, type FetchDataOptions, fetchData } from "heavyball/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "#internal/formats/digest";
import { publishedData } from "#internal/node/fetchData";
import { lookAt } from "#internal/node/fetchedFile";
import { type PublishedFile, wordsFor } from "#internal/tasks/published";
import { jsonLines, main, runCommand } from "../support/commandLine.js";
import { idxFile } from "../support/dataFiles.js";
import { rejection } from "../support/failures.js";
import { photographsFile } from "../support/matFile.js";

/** Files like those of MNIST, which are others: of 6 images to train on and 2 to test on, noise that compression leaves as large. */
const noise = (length: number) => Uint8Array.from({ length }, (_, at) => (((at + 3) * (at + 11) * 7919) >> 5) & 255);
const mnist: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte.gz": gzipSync(idxFile([6, 28, 28], noise(6 * 784))),
  "train-labels-idx1-ubyte.gz": gzipSync(idxFile([6], [0, 1, 2, 3, 4, 5])),
  "t10k-images-idx3-ubyte.gz": gzipSync(idxFile([2, 28, 28], noise(2 * 784))),
  "t10k-labels-idx1-ubyte.gz": gzipSync(idxFile([2], [7, 8])),
};
const names = Object.keys(mnist);
const first = names[0];

/** What is no file, and may be where one has to be. */
const inAFilesPlace: [what: string, put: (path: string) => void][] = [
  ["a directory", (path) => mkdirSync(path)],
  ...(process.platform === "win32"
    ? []
    : ([["a device", (path) => symlinkSync("/dev/null", path)]] satisfies [string, (path: string) => void][])),
];

type Answer = (request: IncomingMessage, response: ServerResponse, content: Uint8Array) => void;

/** Sends a file, or what is asked for of it. */
const whole: Answer = ({ headers }, response, content) => {
  const begin = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  if (begin === 0) response.writeHead(200, { "Content-Length": content.length }).end(content);
  else if (begin >= content.length) response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
  else response.writeHead(206, { "Content-Range": `bytes ${begin}-${content.length - 1}/${content.length}` }).end(content.subarray(begin));
};

let directory: string;
let out: string;
let server: Server;
let base: string;
let photographs: Uint8Array<ArrayBuffer>;
/** Answers to the first requests, in turn; `whole` after them. */
let answers: Answer[];
let asked: string[];

beforeAll(async () => {
  photographs = await photographsFile();
  server = createServer((request, response) => {
    const name = request.url!.split("?")[0].split("/").at(-1)!;
    asked.push(`${request.url} ${request.headers.range ?? "whole"}`);
    const content = mnist[name] ?? (name === "olivettifaces.mat" ? photographs : undefined);
    if (content === undefined) response.writeHead(404).end("nothing here");
    else (answers.shift() ?? whole)(request, response, content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-fetch-"));
  out = join(directory, "data", "mnist");
  answers = [];
  asked = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A file that is there, and empty. */
const openedFile = (path: string) => {
  writeFileSync(path, "");
  return path;
};
const fetchMnist = (options: Partial<FetchDataOptions> = {}) =>
  fetchData("mnist", { from: `${base}/sets`, out, timeoutSeconds: 5, ...options });
const sameAs = (name: string, content: Uint8Array) => Buffer.compare(readFileSync(join(out, name)), content) === 0;
const expectWhole = () => {
  expect(readdirSync(out).sort()).toEqual([...names].sort());
  for (const name of names) expect(sameAs(name, mnist[name]), name).toBe(true);
};

describe("fetchData from an address", () => {
  it("brings every file, notes that they are others, and leaves those that are there", async () => {
    const progress: number[] = [];
    const files = await fetchMnist({ onProgress: ({ bytes }) => progress.push(bytes) });
    expectWhole();
    expect(asked).toEqual(names.map((name) => `/sets/${name} whole`));
    expect(progress.length).toBeGreaterThan(3);
    expect(files[0]).toMatchObject({ name: first, how: "downloaded", isPublished: false, bytes: mnist[first].length });
    expect(files[0].note).toBe(`not ${first} as it is published, but an IDX file of 6 x 28 x 28 bytes`);
    asked = [];
    expect((await fetchMnist()).map(({ how }) => how)).toEqual(Array(4).fill("there already"));
    expect(asked).toEqual([]);
    rmSync(join(out, first));
    expect((await fetchMnist()).map(({ how }) => how)).toEqual(["downloaded", ...Array(3).fill("there already")]);
    expectWhole();
  });

  it("refuses to overwrite a file of another kind, under either name, before anything is fetched", async () => {
    mkdirSync(out, { recursive: true });
    const last = names.at(-1)!;
    for (const [name, content] of [
      [last, "my notes"],
      [last, mnist[last].subarray(0, 20)],
      [last.replace(".gz", ""), "my notes"],
    ] as const) {
      writeFileSync(join(out, name), content);
      const error = (await rejection(fetchMnist())) as InvalidOptionError;
      expect(error).toMatchObject({ code: "INVALID_OPTION", option: "out", value: out });
      expect(error.message).toContain(`nothing else has the place of ${name}: ${join(out, name)} is another file (at byte `);
      expect(error.message).toMatch(/; move it away, or give another directory$/);
      expect([asked, readdirSync(out)]).toEqual([[], [name]]);
      expect(readFileSync(join(out, name))).toEqual(Buffer.from(content));
      rmSync(join(out, name));
    }
    truncateSync(openedFile(join(out, last)), 2 ** 28 + 1);
    expect((await rejection(fetchMnist())).message).toMatch(/ has 268435457 bytes, and a file of this data set at most 268435456; move it/);
  });

  it.each(inAFilesPlace)("names %s in the place of a file, before anything is fetched, and what to do", async (_what, put) => {
    mkdirSync(out, { recursive: true });
    put(join(out, first));
    const error = (await rejection(fetchMnist())) as InvalidOptionError;
    expect(error).toMatchObject({ option: "out", value: out });
    const path = join(out, first);
    const words = `nothing else has the place of ${first}: ${path} is a directory, a device or a pipe; move it away, or give another`;
    expect([error.message, asked]).toEqual([expect.stringContaining(words), []]);
    const { code, stderr } = await runCommand(directory, ["data", "mnist", "--from", base, "--out", out]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^heavyball: --out is "[^\n]*; move it away, or give another directory\n$/)]);
  });

  it.each(inAFilesPlace.slice(1))("names %s in the place of one that is to be copied", async (_what, put) => {
    const from = join(directory, "from");
    mkdirSync(from);
    for (const name of names) writeFileSync(join(from, name), mnist[name]);
    rmSync(join(from, first));
    put(join(from, first));
    const error = (await rejection(fetchData("mnist", { from, out }))) as InvalidOptionError;
    expect(error).toMatchObject({ option: "from", value: join(from, first) });
    rmSync(from, { recursive: true });
  });

  it("leaves a file that comes to its place while another is fetched", async () => {
    answers = [
      (request, response, content) => {
        writeFileSync(join(out, first), "my notes");
        whole(request, response, content);
      },
    ];
    expect((await rejection(fetchMnist())).message).toMatch(/is another file .*; move it away, or give another directory$/);
    expect(readFileSync(join(out, first), "utf8")).toBe("my notes");
  });

  it("refuses more labels than images by the names of both files, and keeps nothing of them", async () => {
    const few = gzipSync(idxFile([5], [0, 1, 2, 3, 4]));
    const send: Answer = (_request, response) => void response.end(few);
    answers = [whole, send];
    const error = (await rejection(fetchMnist())) as FormatError;
    const words = `at byte 4, expected 6 cases, as many as ${base}/sets/${first} has, found 5; give files of one data set`;
    expect(error).toMatchObject({ code: "FORMAT", message: `${base}/sets/${names[1]}: ${words}` });
    expect(readdirSync(out)).toEqual([first]);
    // What is there already is held against what comes, and against what else is there.
    answers = [send];
    expect((await rejection(fetchMnist())).message).toContain(`as many as ${join(out, first)} has, found 5`);
    writeFileSync(join(out, names[1]), few);
    expect((await rejection(fetchMnist())).message).toContain(`${join(out, names[1])}: at byte 4, expected 6 cases`);
    expect(readdirSync(out).sort()).toEqual([first, names[1]].sort());
  });

  it("goes on where a connection broke off, in one go and by a second call", async () => {
    const cut: Answer = (_request, response, content) => {
      response.writeHead(200, { "Content-Length": content.length }).write(content.subarray(0, 1000), () => response.destroy());
    };
    answers = [cut];
    await fetchMnist();
    expectWhole();
    expect(asked.slice(0, 2)).toEqual([`/sets/${first} whole`, `/sets/${first} bytes=1000-`]);
    rmSync(out, { recursive: true });
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${first}.part`), mnist[first].subarray(0, 700));
    asked = [];
    await fetchMnist();
    expectWhole();
    expect(asked[0]).toBe(`/sets/${first} bytes=700-`);
  });

  it("takes a part that is whole, and drops one of something else", async () => {
    mkdirSync(out, { recursive: true });
    for (const [part, requests] of [
      // What was begun is no published file, so that it is fetched once more to be sure.
      [mnist[first], [`bytes=${mnist[first].length}-`, "whole"]],
      [new Uint8Array(900), ["bytes=900-", "whole"]],
      [new Uint8Array(mnist[first].length + 5), [`bytes=${mnist[first].length + 5}-`, "whole"]],
    ] as const) {
      writeFileSync(join(out, `${first}.part`), part);
      rmSync(join(out, first), { force: true });
      asked = [];
      await fetchMnist();
      expectWhole();
      expect(asked.filter((line) => line.includes(first)).map((line) => line.split(" ")[1])).toEqual(requests);
    }
  });

  it("takes the whole from a server that knows no ranges", async () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${first}.part`), new Uint8Array(900));
    answers = [(_request, response, content) => void response.end(content)];
    await fetchMnist();
    expectWhole();
  });

  it("follows redirects, and takes the bytes as they are", async () => {
    const elsewhere: Answer = ({ url }, response) => void response.writeHead(302, { Location: `/other${url}?at=1` }).end();
    const encoded: Answer = (_request, response, content) => void response.writeHead(200, { "Content-Encoding": "gzip" }).end(content);
    answers = [elsewhere, encoded];
    await fetchMnist();
    expectWhole();
    expect(asked[1]).toBe(`/other/sets/${first}?at=1 whole`);
    answers = Array(20).fill(elsewhere);
    rmSync(out, { recursive: true });
    expect((await rejection(fetchMnist())).message).toMatch(/leads to other addresses more than 10 times/);
    answers = [(_request, response) => void response.writeHead(301, { Location: "file:///etc/passwd" }).end()];
    expect((await rejection(fetchMnist())).message).toMatch(/leads to file:\/\/\/etc\/passwd, where nothing is fetched from/);
  });

  it("refuses what is neither the published file nor one that the task reads, and keeps nothing of it", async () => {
    answers = [(_request, response) => void response.end("<html>Please log in</html>")];
    const error = (await rejection(fetchMnist())) as FormatError;
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ file: `${base}/sets/${first}`, offset: 0 });
    expect(error.message).toMatch(/SHA-256 [0-9a-f]{64}, those of train-images-idx3-ubyte\.gz 440fcabf/);
    expect(readdirSync(out)).toEqual([]);
  });

  it("tries again what may pass, and says what does not", async () => {
    const status =
      (code: number): Answer =>
      (_request, response) =>
        void response.writeHead(code).end();
    answers = [status(503), status(429)];
    await fetchMnist();
    expectWhole();
    rmSync(out, { recursive: true });
    answers = [status(404)];
    asked = [];
    const missing = (await rejection(fetchMnist())) as DownloadError;
    expect(missing).toBeInstanceOf(DownloadError);
    expect(missing).toMatchObject({ code: "DOWNLOAD", status: 404, message: `${base}/sets/${first} was answered with 404 Not Found` });
    expect(asked).toHaveLength(1);
    answers = Array(9).fill(status(500));
    expect((await rejection(fetchMnist())).message).toMatch(/was answered with 500 .*4 times in a row/);
    expect(readdirSync(out)).toEqual([]);
  });

  it("gives up a server that hangs, and keeps what came", async () => {
    const hang: Answer = (_request, response, content) => {
      response.writeHead(200, { "Content-Length": content.length }).write(content.subarray(0, 500));
    };
    const silent: Answer = () => {};
    answers = [hang, silent, silent, silent];
    const error = await rejection(fetchMnist({ timeoutSeconds: 0.2 }));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toMatch(/nothing came for 0\.2 seconds\), 4 times in a row; the 500 bytes that came are kept/);
    expect(readdirSync(out)).toEqual([`${first}.part`]);
    await fetchMnist();
    expectWhole();
  });

  it("refuses files that are too large, said or not", async () => {
    answers = [(_request, response) => void response.writeHead(200, { "Content-Length": 2 ** 33 }).write("x")];
    expect((await rejection(fetchMnist())).message).toMatch(/has 8589934592 bytes; a file of this data set has at most/);
    // Where it is not said it shows when too many have come, of which nothing is kept.
    const many = 2 ** 28 - 100;
    writeFileSync(join(out, `${first}.part`), "");
    truncateSync(join(out, `${first}.part`), many);
    answers = [(_request, response) => void response.writeHead(206, { "Content-Range": `bytes ${many}-9/*` }).end(Buffer.alloc(101))];
    expect((await rejection(fetchMnist())).message).toMatch(/has more than 268435456 bytes; no file of this data set has as many/);
    expect(readdirSync(out)).toEqual([]);
  });

  it("ends by a signal", async () => {
    const controller = new AbortController();
    answers = [
      (_request, response) => {
        response.writeHead(200, { "Content-Length": 5000 }).write("abc");
        controller.abort();
      },
    ];
    expect(await rejection(fetchMnist({ signal: controller.signal }))).toMatchObject({ code: "ABORTED" });
  });

  it("takes the address of the only file itself", async () => {
    const [file] = await fetchData("faces", { from: `${base}/x/olivettifaces.mat?raw=1`, out });
    expect(asked).toEqual(["/x/olivettifaces.mat?raw=1 whole"]);
    expect(file.note).toMatch(/but a MATLAB file of 400 photographs of 64 x 64$/);
  });
});

describe("fetchData from a directory", () => {
  it("copies, compressed or not, and says what is missing before anything is written", async () => {
    const from = join(directory, "from");
    mkdirSync(from);
    for (const name of names.slice(1)) writeFileSync(join(from, name), mnist[name]);
    const error = (await rejection(fetchMnist({ from }))) as InvalidOptionError;
    expect(error).toMatchObject({ option: "from", value: from });
    expect(error.message).toMatch(
      /where there is train-images-idx3-ubyte\.gz or train-images-idx3-ubyte \(published with SHA-256 440fcabf/,
    );
    expect(existsSync(out)).toBe(false);
    writeFileSync(join(from, "train-images-idx3-ubyte"), idxFile([6, 28, 28], noise(6 * 784)));
    expect((await fetchMnist({ from })).map(({ name, how }) => [name, how])).toEqual([
      ["train-images-idx3-ubyte", "copied"],
      ...names.slice(1).map((name) => [name, "copied"]),
    ]);
    const file = join(directory, "mine.mat");
    writeFileSync(file, photographs);
    expect(await fetchData("faces", { from: file, out })).toMatchObject([{ name: "olivettifaces.mat", how: "copied" }]);
    expect(sameAs("olivettifaces.mat", photographs)).toBe(true);
    writeFileSync(file, photographs.subarray(0, 1000));
    rmSync(join(out, "olivettifaces.mat"));
    expect(await rejection(fetchData("faces", { from: file, out }))).toMatchObject({ code: "FORMAT", file });
  });

  it("refuses files that contradict each other, by both names, before anything is written", async () => {
    const from = join(directory, "mixed");
    mkdirSync(from);
    for (const name of names) writeFileSync(join(from, name), mnist[name]);
    writeFileSync(join(from, names[3]), gzipSync(idxFile([6], [0, 1, 2, 3, 4, 5])));
    const error = await rejection(fetchMnist({ from }));
    const words = `expected 2 cases, as many as ${join(from, names[2])} has, found 6; give files of one data set`;
    expect(error).toMatchObject({ code: "FORMAT", message: `${join(from, names[3])}: at byte 4, ${words}` });
    expect(existsSync(out)).toBe(false);
  });

  it("knows a published file compressed or not", async () => {
    const content = new TextEncoder().encode("published");
    const digests = { sha256: await sha256Hex(gzipSync(content)), plainSha256: await sha256Hex(content) };
    const file: PublishedFile = { ...publishedData.mnist![0], ...digests };
    expect(await lookAt(file, file.plain!, out, content, "copied", "x")).toMatchObject({ fetched: { isPublished: true }, cases: 60_000 });
    expect(wordsFor([file])).toContain(`(published with SHA-256 ${digests.sha256}, decompressed ${digests.plainSha256})`);
    const error = await rejection(lookAt(file, file.plain!, out, content.slice(1), "copied", "x"));
    expect(error.message).toContain(`those of ${file.plain} ${digests.plainSha256}`);
  });

  it.each([
    [[0, 28, 28], /at least one image/],
    [[3, 0, 28], /images of 28 x 28 pixels, found 0 x 28/],
    [[3, 5, 5], /images of 28 x 28 pixels, found 5 x 5/],
  ])("refuses images of the shape %j, which the task would", async (shape, why) => {
    const from = join(directory, `images-${shape.join("-")}`);
    mkdirSync(from);
    for (const name of names.slice(1)) writeFileSync(join(from, name), mnist[name]);
    writeFileSync(join(from, names[0]), idxFile(shape, noise(shape.reduce((product, side) => product * side))));
    const error = await rejection(fetchMnist({ from }));
    expect(error).toMatchObject({ code: "FORMAT" });
    expect(error.message).toMatch(why);
  });

  it("refuses what is no option, by name, and repeats no password", async () => {
    const good = { from: directory, out };
    const refused: readonly [unknown, unknown, string][] = [
      ["curves", good, "name"],
      [5, good, "name"],
      ["mnist", null, "options of fetchData"],
      ["mnist", { ...good, from: "" }, "from"],
      ["mnist", { ...good, from: 5 }, "from"],
      ["mnist", { ...good, out: "a\0b" }, "out"],
      ["mnist", { ...good, to: out }, "fetchData.to"],
      ["mnist", { ...good, timeoutSeconds: 0 }, "timeoutSeconds"],
      ["mnist", { ...good, timeoutSeconds: null }, "timeoutSeconds"],
      ["mnist", { ...good, signal: 5 }, "signal"],
      ["mnist", { ...good, onFile: 5 }, "onFile"],
      ["mnist", { ...good, from: "ftp://host/x" }, "from"],
      ["mnist", { ...good, from: "https://" }, "from"],
      ["mnist", { ...good, from: "https://me:secret@host/x" }, "from"],
      ["mnist", { ...good, from: join(directory, "nowhere") }, "from"],
    ];
    for (const [name, options, option] of refused) {
      const error = await rejection(fetchData(name as never, options as never));
      expect(error, `${option}: ${error.message}`).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(option);
      expect(JSON.stringify([error.message, error])).not.toContain("secret");
    }
  });
});

describe("heavyball data", () => {
  const run = (...args: string[]) => runCommand(directory, ["data", ...args]);

  it("lists what is published, with SHA-256", async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    for (const words of [...names, "olivettifaces.mat", "440fcabf73cc546f", "b1988d02c72fe5b8", "--from DIR|URL"])
      expect(stdout).toContain(words);
    expect(jsonLines((await run("faces", "--json")).stdout)).toEqual([
      expect.objectContaining({ kind: "published", dataSet: "faces", name: "olivettifaces.mat", bytes: 1_432_511 }),
    ]);
  });

  it("fetches, says what it did, and does nothing twice", async () => {
    const { code, stdout, stderr } = await run("mnist", "--from", base);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /train-images-idx3-ubyte\.gz: downloaded, [\d,]+ bytes, not train-images.* an IDX file of 6 x 28 x 28 bytes; SHA-256/,
    );
    const again = jsonLines((await run("mnist", "--from", base, "--out", join("heavyball-data", "mnist"), "--json")).stdout);
    expect(again.map(({ kind, how }) => [kind, how])).toEqual(Array(4).fill(["file", "there already"]));
  });

  it.each<[string[], RegExp, number]>([
    [["curves"], /curves draws its images itself, and needs none/, 2],
    [["data"], /data are your own/, 2],
    [["mnits"], /did you mean mnist\?/, 2],
    [["mnist", "faces"], /takes one data set/, 2],
    [["mnist", "--out", "x"], /--out is about files that are fetched/, 2],
    [["--from", "x"], /which data set\? Say: heavyball data mnist\|faces --from x/, 2],
    [["mnist", "--from", "nowhere"], /--from is "nowhere"; --from must be where there is train-images/, 2],
    [["mnist", "--from", "ftp://host/x"], /--from is "ftp:\/\/host\/x"/, 2],
    [["mnist", "--from", "http://127.0.0.1:1/x", "--timeout", "-1"], /--timeout is -1/, 2],
  ])("answers a mistake by a sentence: %s", async (args, message, code) => {
    const ended = await run(...args);
    expect([ended.code, ended.stdout], ended.stderr).toEqual([code, ""]);
    expect(ended.stderr).toMatch(/^heavyball: [^\n]*\n$/);
    expect(ended.stderr).toMatch(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("keeps what has come when it is stopped", async () => {
    const hasCome = new Promise<void>((resolve) => {
      answers = [
        (_request, response, content) => {
          response.writeHead(200, { "Content-Length": content.length }).write(content.subarray(0, 800));
          resolve();
        },
      ];
    });
    const args = [main, "data", "mnist", "--from", base, "--out", "x"];
    const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const ended = new Promise((resolve) => child.on("close", resolve));
    await hasCome;
    const part = join(directory, "x", `${first}.part`);
    while (!existsSync(part) || readFileSync(part).length < 800) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    expect([await ended, stdout]).toEqual([130, expect.stringContaining("Stopped. What has come of a file is kept")]);
    expect(readdirSync(join(directory, "x"))).toEqual([`${first}.part`]);
  });
});
