import { nearest } from "../../boundary/nearest.js";
import { InvalidOptionError } from "../../errors.js";
import { enumerate } from "../../report/text/words.js";
import { type StudyName, studyNamed, studyNames } from "../../studies/index.js";
import type { StudyOptions } from "../../studies/study.js";
import { requireDataTakers } from "../prepareTrials.js";
import { reproduceAll } from "../reproduceAll.js";
import { allHelp, allOptions, everyOption, optionsOf, reproduceHelp, studyHelp } from "../reproduceOptions.js";
import { prepareStudy } from "../reproduceStudy.js";
import type { Given } from "../studyGiven.js";
import { Interrupt } from "../terminal/interrupt.js";
import { type Options, parseOptions, UsageError } from "../terminal/options.js";
import { print } from "../terminal/output.js";

/** `heavyball reproduce`: any study of the registry; returns the exit code. */
export async function reproduceCommand(args: readonly string[]): Promise<number> {
  const parsed = parseOptions("reproduce", everyOption, args);
  const given: Given = parsed.values;
  if (given.help && parsed.words.length === 0) {
    print(reproduceHelp());
    return 0;
  }
  if (parsed.words.length === 1 && parsed.words[0] === "all") {
    if (given.help) print(allHelp());
    else refuseOthers("all", allOptions, given);
    return given.help ? 0 : renamed(allOptions, {}, (interrupt) => reproduceAll(given, interrupt));
  }
  const name = checkName(parsed.words);
  const study = studyNamed(name);
  if (given.help) {
    print(studyHelp(study));
    return 0;
  }
  refuseOthers(name, optionsOf(study), given);
  return renamed(optionsOf(study), study.options, async (interrupt) => {
    if (study.kind === "sweep") requireDataTakers(study, given);
    const { exitCode } = await (await prepareStudy(name, given)).run(interrupt);
    return exitCode;
  });
}

/** Does the work; a mistake that it finds is named as it was typed. */
async function renamed(flags: Options, options: StudyOptions, work: (interrupt: Interrupt) => Promise<number>): Promise<number> {
  const interrupt = new Interrupt();
  try {
    return await work(interrupt);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw error.renamed((option) => {
      if (option === "store") return "--out";
      const flag = Object.hasOwn(options, option) ? options[option].flag : option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return Object.hasOwn(flags, flag) ? `--${flag}` : option;
    });
  } finally {
    interrupt.dispose();
  }
}

/** An example that takes no time. */
const quickest = studyNames.find((name) => studyNamed(name).kind === "computation");

const known = `this version reproduces ${enumerate(studyNames)}`;

function checkName(words: readonly string[]): StudyName {
  const [name] = words;
  if (words.length > 1) throw new UsageError(`reproduce takes one table or figure, and is given ${words.length}: ${words.join(" ")}`);
  if (name === undefined) throw new UsageError(`reproduce what? T${known.slice(1)}: heavyball reproduce ${quickest}`);
  if ((studyNames as readonly string[]).includes(name)) return name as StudyName;
  const near = nearest(name, [...studyNames, "all"]);
  throw new UsageError(
    `${JSON.stringify(name)} is not a table or figure of the paper; ${near === undefined ? known : `did you mean ${near}?`}`,
  );
}

/** An option of another study must not pass silently. */
function refuseOthers(name: string, own: Options, given: Given): void {
  for (const flag of Object.keys(given)) {
    if (Object.hasOwn(own, flag)) continue;
    const others = studyNames.filter((other) => Object.hasOwn(optionsOf(studyNamed(other)), flag));
    throw new UsageError(`--${flag} is not an option of reproduce ${name}, but of ${enumerate(others)}; leave it out`);
  }
}
