import { isArray, isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { markdownPage } from "../report/page/markdownPage.js";
import { htmlPage } from "../report/page/page.js";
import { sectionPictures } from "../report/page/sectionPictures.js";
import { canonicalJson } from "../sweeps/trialKey.js";
import { checkObject, checkOneOf } from "../validate.js";
import { type StudyName, type StudyResultOf, studyNamed, studyNames } from "./index.js";
import type { StudyOutcome } from "./runStudy.js";
import type { Rendering, StudyFace, StudyFacts } from "./study.js";

const NO_FACTS: StudyFacts = { facts: [], footer: "Made by heavyball." };

/**
 * An outcome for people: a page, all files by their names (the result as JSON, the study's own, the page as Markdown with its pictures
 * beside it, and as report.html), and lines for a terminal. `facts` are shown on the page.
 *
 * @throws InvalidOptionError for what is no outcome of `runStudy`, and for other facts
 */
export function renderStudy<Name extends StudyName>(outcome: StudyOutcome<Name>, facts: StudyFacts = NO_FACTS): Rendering {
  const { name, result } = checkOutcome(outcome);
  checkFacts(facts);
  const face: StudyFace = studyNamed(name);
  return withPages(name, result, face.render(result, facts));
}

/**
 * Results of one study of trials that differ in their budgets alone, on one page: every number at the largest budget that it has. The files
 * are those of `renderStudy`; the JSON is a list where there are several results.
 *
 * @throws InvalidOptionError for what are no such results, and for other facts
 */
export function renderStudyTogether<Name extends StudyName>(
  name: Name,
  results: readonly StudyResultOf<Name>[],
  facts: StudyFacts = NO_FACTS,
): Rendering {
  const study = studyNamed(checkOneOf("study", name, studyNames));
  if (study.kind !== "sweep") throw new InvalidOptionError("study", name, "a study of trials");
  if (!isArray(results) || results.length === 0) throw new InvalidOptionError("results", results, "a list of results, one at least");
  for (const result of results) checkOutcome({ name, result, holds: true });
  const readings = new Set(results.map(({ spec }) => readingsOf(spec)));
  if (readings.size > 1) throw new InvalidOptionError("results", results, "results whose options are the same, but for the budget's");
  checkFacts(facts);
  return withPages(name, results.length === 1 ? results[0] : results, study.renderTogether(results as never, facts));
}

/** What tells studies of one name apart besides their budgets: the other options of a spec. */
export function readingsOf(spec: object): string {
  const { fraction: _fraction, seeds: _seeds, pilot: _pilot, ...readings } = spec as Readonly<Record<string, unknown>>;
  return canonicalJson(readings);
}

function withPages(name: StudyName, result: unknown, { page, files, summary }: Rendering): Rendering {
  const pictures = sectionPictures(page, files);
  const json = `${JSON.stringify(result, null, 2)}\n`;
  const texts = { [`${name}.md`]: markdownPage(page, pictures.names), "report.html": htmlPage(page) };
  return { page, files: { [`${name}.json`]: json, ...files, ...pictures.files, ...texts }, summary };
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
