#!/usr/bin/env node
import { HeavyballError, InvalidOptionError } from "../errors.js";
import { StoreError } from "../trials/store.js";
import { VERSION } from "../version.js";
import { nearest, UsageError } from "./terminal/options.js";
import { complain, guardOutput, print, printError, say, settleOutput } from "./terminal/output.js";

const help = `heavyball: deep and recurrent networks trained with careful initialization and momentum

  heavyball start               the demonstration: SGD, classical and Nesterov momentum and
                                Hessian-free side by side on the CURVES autoencoder, in
                                about two minutes
  heavyball train curves        one trial with options of your choice; also mnist
  heavyball train addition      a recurrent network on a problem with long-term dependencies;
                                also multiplication, memory5, memory20
  heavyball train data --data PATH
                                a network for data of your own: a table, or arrays
  heavyball train SPEC.json     a trial described in a file
  heavyball train --resume --out DIR
                                goes on with a run that was stopped
  heavyball sweep SWEEP.json --out DIR
                                many trials: a grid of settings, run by several processes, that
                                can be stopped and gone on with; heavyball sweep DIR lists them
  heavyball reproduce NAME      a figure or a statement of the paper, as numbers, pictures and a
                                page; heavyball reproduce --help lists them
  heavyball bench               measures the kernels and whole updates on this machine

  heavyball COMMAND --help      the options of a command
  heavyball --version           the version

Exit codes: 0 done, 1 failed, 2 a mistake on the command line, 130 stopped by Ctrl-C,
141 stopped because nobody read on.
`;

/** The commands, loaded when used. */
const commands: Readonly<Record<string, () => Promise<(args: string[]) => Promise<number>>>> = {
  start: async () => (await import("./commands/start.js")).startCommand,
  train: async () => (await import("./commands/train.js")).trainCommand,
  sweep: async () => (await import("./commands/sweep.js")).sweepCommand,
  reproduce: async () => (await import("./commands/reproduce.js")).reproduceCommand,
  bench: async () => (await import("./commands/bench.js")).benchCommand,
};

async function main([command, ...args]: string[]): Promise<number> {
  if (command === undefined) {
    printError(help);
    return 2;
  }
  if (command === "--help" || command === "-h" || (command === "help" && args.length === 0)) {
    print(help);
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
function explainStore({ message, trouble, place }: StoreError): string {
  if (trouble === "unusable") return message.replace(/^store is /, "--out is ");
  if (trouble !== "holdsRun") return message;
  const [what] = message.split(";");
  return `${what}; give another directory, remove it, or go on with it: heavyball train --resume --out ${place}`;
}

/** One sentence for what a person can put right; anything else is a fault of ours and shows where it happened. */
function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof UsageError || error instanceof InvalidOptionError) return { message: error.message, exitCode: 2 };
  if (error instanceof StoreError) return { message: explainStore(error), exitCode: 2 };
  if (error instanceof HeavyballError || (error instanceof Error && "syscall" in error)) return { message: error.message, exitCode: 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

guardOutput();
try {
  process.exitCode = await settleOutput(await main(process.argv.slice(2)));
} catch (error) {
  const { message, exitCode } = explain(error);
  complain(message);
  process.exitCode = exitCode;
}
