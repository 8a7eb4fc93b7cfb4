/** What servers say of what they do not do: in the words of Redis 6.2, of Redis 7 and of Valkey, of commands, scripts and transactions. */
import { describe, expect, it } from "vitest";
import { checkConnection } from "#internal/queue/address";
import { isFull, NoRoomError, remedyFor } from "#internal/queue/fullServer";
import { isLasting } from "#internal/queue/refusal";
import { troubleOf } from "#internal/queue/serverTrouble";

/** As the driver has it. */
const reply = (message: string, previous?: string) =>
  Object.assign(new Error(message), { name: "ReplyError" }, previous === undefined ? {} : { previousErrors: [new Error(previous)] });

const discarded = "EXECABORT Transaction discarded because of previous errors.";
const oom = "OOM command not allowed when used memory > 'maxmemory'";
const sha = "06139e27cf7c98cbe09ccedf22059d905c5fe9e9";
const script = `ERR Error running script (call to f_${sha}): @user_script:1: @user_script: 1:`;
const rights = "can't run this command or subcommand";

describe("a server that is full", () => {
  it.each<[string, string?]>([
    [`${oom}.`],
    [`-${oom}.`],
    [`${oom}. script: ${sha}, on @user_script:1.`],
    [`${script} -${oom}.`],
    [`ERR Error running script (call to f_${sha}): @user_script:128: -${oom}.`],
    [`EXECABORT Transaction discarded because of: ${oom}.`],
    [discarded, `${oom}.`],
    [discarded, `${script} -${oom}.`],
  ])("is known by its words, which are one for all: %s (%s)", (message, previous) => {
    const error = reply(message, previous);
    expect([isFull(error), isLasting(error)]).toEqual([true, false]);
    expect(remedyFor(error)).toBe("; raise maxmemory on the server");
    expect(troubleOf(checkConnection("redis://host"), error).message).toContain(`cannot be used (${oom}); `);
  });

  it("is known by its free memory", () => expect(isFull(new NoRoomError(3, 2, 1))).toBe(true));

  it.each([
    [reply("ERR unknown command 'OOM'")],
    [reply(`${script} -WRONGTYPE Operation against a key that holds OOM command`)],
    [reply("OOMPH")],
    [new Error("no answer within 10 s")],
    [undefined],
  ])("is none of another kind: %s", (error) => expect([isFull(error), remedyFor(error)]).toEqual([false, ""]));
});

describe("what a server refuses", () => {
  it.each<[string, string?]>([
    ["LOADING Redis is loading the dataset in memory"],
    ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."],
    ["MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk."],
    ["READONLY You can't write against a read only replica."],
    [`${script} -READONLY You can't write against a read only replica.`],
    [discarded, "NOREPLICAS Not enough good replicas to write."],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ["ERR max number of clients reached"],
  ])("for a time is asked again: %s (%s)", (message, previous) => expect(isLasting(reply(message, previous))).toBe(false));

  it.each<[string, string?]>([
    ["NOPERM this user has no permissions to run the 'smembers' command"],
    [discarded, "NOPERM this user has no permissions to access one of the keys used as arguments"],
    [`ERR The user executing the script ${rights} script: ${sha}, on @user_script:1.`],
    [`${script} The user executing the script ${rights}`],
    [`ERR ACL failure in script: User joe has no permissions to run the 'hset' command script: ${sha}, on @user_script:1.`],
  ])("for want of rights is refused for good, with the remedy: %s (%s)", (message, previous) => {
    const error = reply(message, previous);
    expect(isLasting(error)).toBe(true);
    const said = troubleOf(checkConnection("redis://host"), error).message;
    expect(said).toMatch(/\); its user lacks rights that a queue needs: give it ~heavyball:\* &\* \+@all -@admin -@dangerous \+info$/);
    expect(said).not.toContain(sha);
  });

  it.each([["ERR unknown command 'EVAL'"], ["NOAUTH Authentication required."], ["WRONGTYPE Operation against a key of another kind"]])(
    "for another reason is refused for good: %s",
    (message) => expect(isLasting(reply(message))).toBe(true),
  );

  it("is the server's alone: a connection that is lost, or a mistake of ours, is no refusal", () => {
    expect([new Error("Connection is closed."), new TypeError("x is not a function"), undefined].map(isLasting)).toEqual(
      Array(3).fill(false),
    );
  });
});
