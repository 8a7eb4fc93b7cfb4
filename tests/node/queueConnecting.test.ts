/** Servers that cannot be used: each with its remedy, and none that keeps anybody waiting who is to stop. */
import { writeFileSync } from "node:fs";
import { type QueueConnection, QueueError, runWorker } from "heavyball/queue";
import { afterAll, describe, expect, it } from "vitest";
import { checkConnection } from "#internal/queue/address";
import { troubleOf } from "#internal/queue/serverTrouble";
import { freePort } from "../../scripts/redis.mjs";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { withListener } from "../support/listeners.js";
import { beginWorker, endWorkers, isTold, password, spawnWorker, sweepBy, testDirectory, written } from "../support/queues.js";
import { hasRedis, withServer } from "../support/redisServer.js";
import { tinySweep } from "../support/sweeps.js";

const directory = testDirectory("queue-connecting");
writeFileSync(directory.at("sweep.json"), JSON.stringify(tinySweep));
afterAll(async () => {
  await endWorkers();
  directory.remove();
});

/** What a worker says that cannot use a server: why, and the remedy. */
async function refusalBy(connection: QueueConnection): Promise<string> {
  const error = await rejection(runWorker({ connection }));
  expect([error.constructor, (error as QueueError).trouble]).toEqual([QueueError, "unreachable"]);
  expect(isTold(`${error.message} ${error.stack} ${JSON.stringify(error)}`)).toEqual([]);
  const { place } = checkConnection(connection);
  expect(error.message.startsWith(`the queue's server ${place} cannot be used (`)).toBe(true);
  return error.message.slice(error.message.indexOf("("));
}

const silence = "(no answer within 10 s); see whether it runs there and";

describe("a server that cannot be used is told in a sentence with its remedy", () => {
  it("where nobody is there", async () => {
    const port = await freePort();
    const remedy = "see whether it runs there, whether the port is right, and whether it listens to other machines (bind)";
    const nobody = `(connect ECONNREFUSED 127.0.0.1:${port}); ${remedy}`;
    expect(await refusalBy(`redis://:${written}@127.0.0.1:${port}`)).toBe(nobody);
    // Of a host with two addresses, the driver's error is one without words.
    expect(await refusalBy(`redis://localhost:${port}`)).toMatch(/^\(connect ECONNREFUSED .*listens to other machines \(bind\)$/);
    expect(await refusalBy("redis://no-such-host.invalid")).toMatch(
      /^\(getaddrinfo (ENOTFOUND|EAI_AGAIN) .*\); see whether the name of the host is right$/,
    );
  });

  it("where something is there that does not answer: within ten seconds", async () => {
    await withListener(async ({ url, port }) => {
      const [plain, tls] = await Promise.all([refusalBy(url), refusalBy({ host: "127.0.0.1", port, tls: true })]);
      expect(plain).toBe("(no answer within 10 s); see whether it runs there, and whether a firewall is between");
      expect(tls).toBe(`${silence} speaks TLS: the address of one without it begins with redis://, not rediss:// (tls)`);
    });
  });

  it.each([
    [
      "redis",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      /^\(Unknown RESP type 72 "H"\.?\); what is there is no server of Redis or Valkey: see .* port/,
    ],
    ["rediss", "-ERR unknown command\r\n", /^\(TLS: wrong version number\); what is there does not speak TLS: write redis:\/\/ in place/],
    [
      "redis",
      // As servers do that are older than what they are asked for.
      `-ERR unknown command \`HELLO\`, with args beginning with: \`3\` \`AUTH\` \`default\` \`${password}\`\r\n`,
      /^\(ERR unknown command `HELLO`\); see whether it runs there, and whether host and port are right$/,
    ],
    ["redis", `-ERR no ${password} here\r\n`, /^\(ERR no \[hidden\] here\); /],
  ])("where what is there says something else (%s, %j)", async (protocol, answer, said) => {
    await withListener(
      async ({ port }) => expect(await refusalBy(`${protocol}://:${written}@127.0.0.1:${port}`)).toMatch(said),
      // Once for each command.
      (socket) => socket.on("data", (data) => socket.write(answer.repeat(String(data).match(/^\*\d+\r$/gm)?.length ?? 1))),
    );
  });

  it.each([
    ["redis", /^\(.+\); it ends the connection: see whether it wants TLS \(rediss:\/\/\), has room for another client \(maxclients\)/],
    ["rediss", /^\(.+\); what is there does not speak TLS: write redis:\/\/ in place of rediss:\/\/ \(tls\)/],
  ])("where it ends the connection at once (%s)", async (protocol, said) => {
    await withListener(
      async ({ port }) => expect(await refusalBy(`${protocol}://127.0.0.1:${port}`)).toMatch(said),
      (socket) => socket.end(),
    );
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", /certificate is not trusted here: name .* in NODE_EXTRA_CA_CERTS/],
    ["CERT_HAS_EXPIRED", "certificate has expired", /certificate is not trusted here: /],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Host: x. is not in the cert's altnames: DNS:y", /certificate is for another name: give the name/],
    [undefined, "ERR max number of clients reached", /no room for another client: raise its maxclients$/],
    [undefined, "ERR SELECT is not allowed in cluster mode", /part of a cluster, and a queue needs a server of its own$/],
    [undefined, "DENIED Redis is running in protected mode because ...", /protected mode: start it with a password \(requirepass\)/],
  ])("where it says what no server of these tests does (%s, %s)", (code, message, remedy) => {
    const error = Object.assign(new Error(message), code === undefined ? {} : { code });
    expect(troubleOf(checkConnection("rediss://host"), error).message).toMatch(remedy);
  });

  const giveIt = "in the address, as :password@ before the host, or to a command in HEAVYBALL_QUEUE_PASSWORD";
  it.skipIf(!hasRedis)("where it is a real one", async () => {
    await withServer({ password }, async ({ port }) => {
      const at = `127.0.0.1:${port}`;
      for (const [connection, said] of [
        [`redis://:s3cret@${at}`, `its password is another: give that of its requirepass, ${giveIt}`],
        [`redis://joe:s3cret@${at}`, "it has no such user with this password: give those of its ACL, as user:password@ before the host"],
        [`redis://${at}`, `it asks for a password: give that of its requirepass, ${giveIt}`],
        [
          `redis://:${written}@${at}/99`,
          "it has no database 99: leave the number out of the address, or give a smaller one (0 to 15, where its configuration does not " +
            "say otherwise under databases)",
        ],
        [`rediss://:${written}@${at}`, "the address of one without it begins with redis://, not rediss:// (tls)"],
      ])
        expect([connection, await refusalBy(connection)]).toEqual([connection, expect.stringContaining(said)]);
    });
  });

  it.skipIf(!hasRedis)("where its user lacks rights; with those that it is told to have a sweep goes through", async () => {
    await withServer({}, async ({ client, port }) => {
      const url = `redis://joe:s3cret@127.0.0.1:${port}`;
      await client.call("ACL", "SETUSER", "joe", "on", ">s3cret", "+info", "+@connection");
      const said = await refusalBy(url);
      expect(said).toMatch(/^\(NOPERM .*'smembers' command\); its user lacks rights that a queue needs: give it /);
      const rights = said.split("give it ")[1].split(" ");
      await client.call("ACL", "SETUSER", "joe", ...rights);
      const worker = beginWorker({ url });
      const { rows, troubles } = await sweepBy({ url }, tinySweep, directory.at("rights"));
      expect([troubles, rows.map(({ state }) => state)]).toEqual([[], rows.map(() => "ended")]);
      expect(worker.troubles).toEqual([]);
      await worker.stop();
    });
  });

  it("where its port is 0, which is the address's fault", async () => {
    const remedy = 'is "redis://[hidden]:0"; --queue must be an address with a port from 1 to 65535, or with none where it is 6379';
    const sweep = await runCommand(directory.path, ["sweep", "sweep.json", "--out", "out", "--queue", "redis://:s3cret@host:0/1"]);
    expect([sweep.code, sweep.stderr]).toEqual([2, `heavyball: --queue ${remedy}\n`]);
  });
});

describe("what is to stop while a server does not answer", () => {
  it("is a worker: it ends as it does elsewhere, with 130", async () => {
    await withListener(async ({ url, called }) => {
      const worker = spawnWorker(url, []);
      await called;
      worker.child.kill("SIGINT");
      // After ten seconds without an answer it would be 1.
      expect(await worker.ended).toBe(130);
      expect(worker.output()).toBe("0 trials ended, 0 failed, 0 given back, 0 taken over by others\n");
    });
  });

  it("is a sweep: it ends as it does elsewhere, with 130", async () => {
    await withListener(async ({ url, called }) => {
      let isCalled = false;
      const sweep = await runCommand(directory.path, ["sweep", "sweep.json", "--out", "silent", "--queue", url], (_, kill) => {
        if (!isCalled) void called.then(() => kill("SIGINT"));
        isCalled = true;
      });
      expect([sweep.code, sweep.stderr]).toEqual([130, ""]);
    });
  });

  it("is a program's: it is stopped, and nothing was run", async () => {
    await withListener(async ({ url, called }) => {
      const controller = new AbortController();
      void called.then(() => controller.abort());
      const { isStopped, rows } = await sweepBy({ url }, tinySweep, directory.at("program"), { signal: controller.signal });
      expect([isStopped, rows]).toEqual([true, []]);
      // One that was stopped before does not look for the server.
      expect(await runWorker({ connection: "redis://no-such-host.invalid", signal: controller.signal })).toMatchObject({ ended: 0 });
    });
  });
});
