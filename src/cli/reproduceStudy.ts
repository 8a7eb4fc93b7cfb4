import { tryDirectory } from "../node/makeDirectory.js";
import { type StudyName, studyNamed } from "../studies/index.js";
import { prepareTrials } from "./prepareTrials.js";
import { computationDirectory, reproduceComputation } from "./reproduceComputation.js";
import { reproduceTrials } from "./reproduceTrials.js";
import { type Given, type Reproduced, studyOptions } from "./studyGiven.js";
import type { Interrupt } from "./terminal/interrupt.js";

/** A study of either kind that can be run as it was asked for. */
export interface ReadyStudy {
  readonly name: StudyName;
  run(interrupt: Interrupt): Promise<Reproduced>;
}

/** Looks at all that was asked for of a study. Throws InvalidOptionError, UsageError, StoreError, FormatError. */
export async function prepareStudy(name: StudyName, given: Given): Promise<ReadyStudy> {
  const study = studyNamed(name);
  if (study.kind === "sweep") {
    const prepared = await prepareTrials(study, name, given);
    return { name, run: (interrupt) => reproduceTrials(prepared, interrupt) };
  }
  study.check(studyOptions(study, given));
  tryDirectory(computationDirectory(name, given));
  return { name, run: (interrupt) => reproduceComputation(study, name, given, interrupt) };
}
