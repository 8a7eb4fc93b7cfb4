import { join } from "node:path";
import { FormatError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { readRegularText } from "../node/regularFile.js";
import { type StudyName, studyNamed, studyNames } from "../studies/index.js";
import { renderStudy } from "../studies/renderStudy.js";
import type { Rendering, StudyFacts } from "../studies/study.js";

/** A study that computes, rendered from what an earlier run left. */
export interface ComputedRendering {
  readonly name: StudyName;
  readonly rendering: Rendering;
}

/**
 * Renders the numbers of a computation, NAME.json of a directory, anew; undefined where it holds none, or none of `name`.
 *
 * @throws FormatError for a file that is none of theirs
 */
export async function renderComputed(directory: string, facts: StudyFacts, name?: StudyName): Promise<ComputedRendering | undefined> {
  for (const study of name === undefined ? studyNames : [name]) {
    if (studyNamed(study).kind !== "computation") continue;
    const path = join(directory, `${study}.json`);
    const text = await readRegularText(path).catch(() => undefined);
    if (text !== undefined) return { name: study, rendering: render(study, text, path, facts) };
  }
  return undefined;
}

/** A result that was edited by hand may lack anything that a page shows. */
function render(name: StudyName, text: string, path: string, facts: StudyFacts): Rendering {
  try {
    const result = parseBoundedJson(text) as never;
    return renderStudy({ name, result, holds: true }, facts);
  } catch (error) {
    throw new FormatError(path, 0, `what heavyball reproduce ${name} writes, which makes it anew (${(error as Error).message})`);
  }
}
