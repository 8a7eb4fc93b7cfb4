#!/usr/bin/env node
import { HeavyballError, InvalidOptionError } from "../errors.js";
import { StoreError } from "../trials/store.js";
import { isOfSystem } from "../trials/systemTrouble.js";
import { VERSION } from "../version.js";
import { explainSystem } from "./explainSystem.js";
import { dataOf, goingOn } from "./goingOn.js";
import { nearest, UsageError } from "./terminal/options.js";
import { complain, guardOutput, print, printError, say, settleOutput } from "./terminal/output.js";

/** The commands, loaded when used. */
const commands: Readonly<Record<string, () => Promise<(args: string[]) => Promise<number>>>> = {
  start: async () => (await import("./commands/start.js")).startCommand,
  train: async () => (await import("./commands/train.js")).trainCommand,
  sweep: async () => (await import("./commands/sweep.js")).sweepCommand,
  worker: async () => (await import("./commands/worker.js")).workerCommand,
  reproduce: async () => (await import("./commands/reproduce.js")).reproduceCommand,
  report: async () => (await import("./commands/report.js")).reportCommand,
  data: async () => (await import("./commands/data.js")).dataCommand,
  lab: async () => (await import("./commands/lab.js")).labCommand,
  bench: async () => (await import("./commands/bench.js")).benchCommand,
};

async function helpText(): Promise<string> {
  return (await import("./help.js")).help;
}

async function main([command, ...args]: string[]): Promise<number> {
  if (command === undefined) {
    printError(await helpText());
    return 2;
  }
  if (command === "--help" || command === "-h" || (command === "help" && args.length === 0)) {
    print(await helpText());
    return 0;
  }
  if (command === "--version" || command === "-v") {
    say(VERSION);
    return 0;
  }
  if (command === "help") return main([args[0], "--help"]);
  if (!Object.hasOwn(commands, command)) {
    const near = nearest(command, Object.keys(commands));
    throw new UsageError(
      `${JSON.stringify(command)} is not a command of heavyball; ` +
        `${near === undefined ? "heavyball --help lists them" : `did you mean ${near}?`}`,
    );
  }
  const run = await commands[command]();
  return run(args);
}

/** A store is the directory of --out, and a run in it is gone on with by --resume. */
function explainStore({ message, trouble, place }: StoreError, args: readonly string[]): string {
  const typed = args.some((arg) => arg === "--out" || arg.startsWith("--out=")) ? "--out" : "the directory";
  if (trouble === "unusable") return message.replace(/^store is /, `${typed} is `);
  if (trouble === "full") return message.replace(/^store is /, "--out is ").replace("run the same again", "give the same command again");
  if (trouble !== "holdsRun") return message;
  const [what] = message.split(";");
  return `${what}; give another directory, remove it, or go on with it: ${goingOn(place, dataOf(args))}`;
}

/** One sentence for what a person can put right; anything else is a fault of ours and shows where it happened. */
function explain(error: unknown, args: readonly string[]): { message: string; exitCode: number } {
  if (error instanceof UsageError || error instanceof InvalidOptionError) return { message: error.message, exitCode: 2 };
  // A disk that is full is no mistake of the command line's.
  if (error instanceof StoreError) return { message: explainStore(error, args), exitCode: error.trouble === "full" ? 1 : 2 };
  if (error instanceof HeavyballError) return { message: error.message, exitCode: 1 };
  if (isOfSystem(error)) return { message: explainSystem(error), exitCode: 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

guardOutput();
const given = process.argv.slice(2);
try {
  process.exitCode = await settleOutput(await main(given));
} catch (error) {
  const { message, exitCode } = explain(error, given);
  complain(message);
  process.exitCode = exitCode;
}
