import { join } from "node:path";
import { FormatError } from "../errors.js";
import { makeDirectory } from "../node/makeDirectory.js";
import { readRegularText } from "../node/regularFile.js";
import { writeWholeFile } from "../node/wholeFile.js";
import { parseStudyRuns, type StudyRun, studyRunsName, studyRunsText, withStudyRun } from "../studies/studyRuns.js";

/** The studies that were asked for in a directory of trials. Throws FormatError. */
export async function readStudyNotes(directory: string): Promise<StudyRun[]> {
  const path = join(directory, studyRunsName);
  const text = await readRegularText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  return text === undefined ? [] : parseStudyRuns(text, path);
}

/**
 * Notes that a study was asked for in a directory, so that `heavyball report` can render it. A file that is damaged is told, and left as it
 * is.
 */
export async function noteStudy(directory: string, run: StudyRun, tell: (sentence: string) => void): Promise<void> {
  let runs: readonly StudyRun[];
  try {
    runs = await readStudyNotes(directory);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return tell(`${error.message}; ${run.study} is not noted in it, and heavyball report will not show it`);
  }
  const all = withStudyRun(runs, run);
  if (all === runs) return;
  makeDirectory(directory);
  await writeWholeFile(join(directory, studyRunsName), studyRunsText(all));
}
