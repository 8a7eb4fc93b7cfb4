import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isArray } from "../boundary/realm.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { readRegularText } from "../node/regularFile.js";
import { htmlPage, type Page } from "../report/page/page.js";
import { type StudyName, studyNamed, studyNames } from "../studies/index.js";
import { type IndexEntry, indexPage } from "../studies/indexPage.js";
import type { Study, StudyFacts } from "../studies/study.js";
import { writeFiles } from "./reproduceComputation.js";

const reportName = "report.html";

/** The entry of a page that has just been written at `path`; readings that are not the usual ones are told by its directory. */
export function indexEntry(out: string, study: StudyName, { title, lead }: Pick<Page, "title" | "lead">, path: string): IndexEntry {
  const directory = basename(dirname(path));
  const text = directory === study ? title : `${title} (${directory})`;
  return { study, title: text, lead, path: relative(resolve(out), resolve(path)).split(sep).join("/") };
}

/**
 * Writes index.html, which leads to the page of every study that there is in a directory: to those that were just written, and to those
 * that were there before. Returns its path, in a list.
 */
export async function writeIndex(out: string, fresh: readonly IndexEntry[], facts: StudyFacts): Promise<string[]> {
  const isFresh = (entry: IndexEntry): boolean => fresh.some(({ path }) => path === entry.path);
  const entries = [...fresh, ...(await entriesIn(out)).filter((entry) => !isFresh(entry))];
  const ordered = studyNames.flatMap((name) => entries.filter(({ study }) => study === name));
  const missing = studyNames.filter((name) => !entries.some(({ study }) => study === name));
  return writeFiles(out, { "index.html": htmlPage(indexPage(ordered, missing, facts)) });
}

/** A directory is a study's by its name, that of the study alone or with readings (`studyDirectory`). */
async function entriesIn(out: string): Promise<IndexEntry[]> {
  const names = (await readdir(out)).sort();
  const entries: IndexEntry[] = [];
  for (const name of names) {
    const study = studyNames.find((one) => name === one || name.startsWith(`${one}-`));
    const path = join(out, name, reportName);
    if (study === undefined || !existsSync(path)) continue;
    entries.push(indexEntry(out, study, await writtenFace(studyNamed(study), join(out, name, `${study}.json`)), path));
  }
  return entries;
}

/** Title and first paragraph of a page, from the numbers beside it; without them those of the study. */
async function writtenFace(study: Study, numbers: string): Promise<Pick<Page, "title" | "lead">> {
  const facts: StudyFacts = { facts: [], footer: "" };
  try {
    const result = parseBoundedJson(await readRegularText(numbers)) as never;
    return study.kind === "sweep" && isArray(result) ? study.renderTogether(result, facts).page : study.render(result, facts).page;
  } catch {
    // The page is there all the same, and a file that was edited by hand may lack anything that it shows.
    return { title: study.title, lead: study.description };
  }
}
