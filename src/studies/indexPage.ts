import type { Page } from "../report/page/page.js";
import { formatCountOf } from "../report/text/format.js";
import type { StudyName } from "./index.js";
import type { StudyFacts } from "./study.js";

/** The page of a study beside others. */
export interface IndexEntry {
  readonly study: StudyName;
  /** Title and first paragraph of its page. */
  readonly title: string;
  readonly lead: string;
  /** Where its page lies, seen from the index. */
  readonly path: string;
}

/** The page that leads to those of studies; `missing` are studies that have none. */
export function indexPage(entries: readonly IndexEntry[], missing: readonly StudyName[], { facts, footer }: StudyFacts): Page {
  const open = missing.length === 0 ? "" : ` Not run, or stopped before: ${missing.join(", ")}.`;
  return {
    title: "On the importance of initialization and momentum in deep learning: the tables and figures, run again",
    lead:
      `${formatCountOf(entries.length, "page")} on the tables and figures of Sutskever, Martens, Dahl and Hinton (2013), our numbers ` +
      `beside the paper's.${open}`,
    sections: [
      { kind: "links", title: "Studies", links: entries.map(({ title, lead, path }) => ({ text: title, path, note: lead })) },
      { kind: "facts", title: "Where", facts },
    ],
    footer,
  };
}
