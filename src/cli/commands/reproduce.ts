import { nearest } from "../../boundary/nearest.js";
import { InvalidOptionError } from "../../errors.js";
import { enumerate } from "../../report/text/words.js";
import { type StudyName, studyNamed, studyNames } from "../../studies/index.js";
import { plannedStudies } from "../../studies/planned.js";
import type { Study } from "../../studies/study.js";
import { reproduceComputation } from "../reproduceComputation.js";
import { everyOption, optionsOf, reproduceHelp, studyHelp } from "../reproduceOptions.js";
import { reproduceTrials } from "../reproduceTrials.js";
import type { Given } from "../studyGiven.js";
import { parseOptions, UsageError } from "../terminal/options.js";
import { print } from "../terminal/output.js";

/** `heavyball reproduce`: any study of the registry; returns the exit code. */
export async function reproduceCommand(args: readonly string[]): Promise<number> {
  const parsed = parseOptions("reproduce", everyOption, args);
  const given: Given = parsed.values;
  if (given.help && parsed.words.length === 0) {
    print(reproduceHelp());
    return 0;
  }
  const name = checkName(parsed.words);
  const study = studyNamed(name);
  if (given.help) {
    print(studyHelp(study));
    return 0;
  }
  refuseOthers(study, given);
  try {
    return await (study.kind === "sweep" ? reproduceTrials(study, name, given) : reproduceComputation(study, name, given));
  } catch (error) {
    throw error instanceof InvalidOptionError ? asTyped(study, error) : error;
  }
}

const known = `this version reproduces ${enumerate(studyNames)}`;

function checkName(words: readonly string[]): StudyName {
  const [name] = words;
  if (words.length > 1) throw new UsageError(`reproduce takes one table or figure, and is given ${words.length}: ${words.join(" ")}`);
  if (name === undefined) throw new UsageError(`reproduce what? T${known.slice(1)}: heavyball reproduce ${studyNames[0]}`);
  if ((studyNames as readonly string[]).includes(name)) return name as StudyName;
  if (Object.hasOwn(plannedStudies, name)) {
    const elsewhere = plannedStudies[name];
    throw new UsageError(`reproduce does not know ${name} yet${elsewhere === "" ? `: ${known}` : `; ${elsewhere}`}`);
  }
  const near = nearest(name, [...studyNames, ...Object.keys(plannedStudies)]);
  throw new UsageError(
    `${JSON.stringify(name)} is not a table or figure of the paper; ${near === undefined ? known : `did you mean ${near}?`}`,
  );
}

/** An option of another study must not pass silently. */
function refuseOthers(study: Study, given: Given): void {
  const own = optionsOf(study);
  for (const flag of Object.keys(given)) {
    if (Object.hasOwn(own, flag)) continue;
    const others = studyNames.filter((name) => Object.hasOwn(optionsOf(studyNamed(name)), flag));
    throw new UsageError(`--${flag} is not an option of reproduce ${study.name}, but of ${enumerate(others)}; leave it out`);
  }
}

/** A mistake named as it was typed. */
function asTyped(study: Study, error: InvalidOptionError): InvalidOptionError {
  return error.renamed((option) => {
    const flag = Object.hasOwn(study.options, option)
      ? study.options[option].flag
      : option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return Object.hasOwn(optionsOf(study), flag) ? `--${flag}` : option;
  });
}
