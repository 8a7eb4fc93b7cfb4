import type { Page } from "../report/page/page.js";
import { formatCount } from "../report/text/format.js";
import type { StudyFacts } from "./study.js";

/** A study that was run beside others. */
export interface IndexEntry {
  readonly name: string;
  /** Title and first paragraph of its page. */
  readonly title: string;
  readonly lead: string;
  /** Where its page lies, seen from the index. */
  readonly path: string;
}

/** The page that leads to those of several studies; `missing` are those that were not come to. */
export function indexPage(entries: readonly IndexEntry[], missing: readonly string[], { facts, footer }: StudyFacts): Page {
  const open = missing.length === 0 ? "" : ` Not run, or stopped before: ${missing.join(", ")}.`;
  return {
    title: "On the importance of initialization and momentum in deep learning: the tables and figures, run again",
    lead: `${formatCount(entries.length)} studies of Sutskever, Martens, Dahl and Hinton (2013), our numbers beside the paper's.${open}`,
    sections: [
      { kind: "links", title: "Studies", links: entries.map(({ title, lead, path }) => ({ text: title, path, note: lead })) },
      { kind: "facts", title: "Where", facts },
    ],
    footer,
  };
}
