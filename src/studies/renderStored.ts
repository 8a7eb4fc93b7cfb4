import type { StoredTrials } from "../sweeps/sweepStore.js";
import type { StudyResultOf } from "./index.js";
import { readStudy } from "./readStudy.js";
import { renderStudyTogether } from "./renderStudy.js";
import type { Rendering, StudyFacts } from "./study.js";
import { groupStudyRuns, type StudyGroup, type StudyRun } from "./studyRuns.js";
import type { TableResult } from "./tables/tableResult.js";

/** A study of a store, rendered. */
export interface StoredRendering extends StudyGroup {
  readonly rendering: Rendering;
  /** One for each run. */
  readonly results: readonly TableResult[];
  readonly troubles: readonly string[];
}

/** Renders studies from the trials that a store holds, those with the same readings on one page. Nothing is run. */
export async function renderStored(
  runs: readonly StudyRun[],
  found: Pick<StoredTrials, "trials">,
  facts?: StudyFacts,
): Promise<StoredRendering[]> {
  const made: StoredRendering[] = [];
  for (const group of groupStudyRuns(runs)) {
    const results: StudyResultOf<typeof group.study>[] = [];
    const troubles = new Set<string>();
    for (const { study, options, kernels } of group.runs) {
      const read = await readStudy(study, options, found, kernels);
      results.push(read.result);
      for (const sentence of read.troubles) troubles.add(sentence);
    }
    const rendering = renderStudyTogether(group.study, results, facts);
    made.push({ ...group, rendering, results: results as unknown as TableResult[], troubles: [...troubles] });
  }
  return made;
}
