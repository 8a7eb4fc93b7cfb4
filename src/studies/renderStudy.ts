import { isArray, isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { markdownPage } from "../report/page/markdownPage.js";
import { htmlPage } from "../report/page/page.js";
import { checkObject, checkOneOf } from "../validate.js";
import { type StudyName, studyNamed, studyNames } from "./index.js";
import type { StudyOutcome } from "./runStudy.js";
import type { Rendering, StudyFace, StudyFacts } from "./study.js";

const NO_FACTS: StudyFacts = { facts: [], footer: "Made by heavyball." };

/**
 * An outcome for people: a page, all files by their names (the result as JSON, the study's own, and the page as report.html; of a study of
 * trials as Markdown too), and lines for a terminal. `facts` are shown on the page.
 *
 * @throws InvalidOptionError for what is no outcome of `runStudy`, and for other facts
 */
export function renderStudy<Name extends StudyName>(outcome: StudyOutcome<Name>, facts: StudyFacts = NO_FACTS): Rendering {
  const { name, result } = checkOutcome(outcome);
  checkFacts(facts);
  const study = studyNamed(name);
  const face: StudyFace = study;
  const { page, files, summary } = face.render(result, facts);
  const markdown = study.kind === "sweep" ? { [`${name}.md`]: markdownPage(page) } : {};
  const json = `${JSON.stringify(result, null, 2)}\n`;
  return { page, files: { [`${name}.json`]: json, ...files, ...markdown, "report.html": htmlPage(page) }, summary };
}

function checkOutcome<Name extends StudyName>(outcome: StudyOutcome<Name>): StudyOutcome<Name> {
  const given = checkObject("outcome", outcome);
  const name = checkOneOf("outcome.name", given.name, studyNames);
  const { spec } = checkObject("outcome.result", given.result);
  if (isRecord(spec) && spec.study === name) return outcome;
  throw new InvalidOptionError("outcome.result", given.result, `what runStudy found for ${JSON.stringify(name)}`);
}

function checkFacts(facts: unknown): void {
  const { facts: list, footer } = checkObject("facts", facts);
  if (!isArray(list) || !list.every((fact) => isArray(fact) && fact.every((word) => typeof word === "string")))
    throw new InvalidOptionError("facts.facts", list, "a list of names and values, [string, string][]");
  if (typeof footer !== "string") throw new InvalidOptionError("facts.footer", footer, "text");
}
