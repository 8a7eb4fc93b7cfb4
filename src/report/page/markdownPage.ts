import { markdownTable } from "../text/markdownTable.js";
import type { Page, Section } from "./page.js";

/**
 * A report as Markdown: its words, tables and facts, and its plots and pictures where there are files of them (`sectionPictures`), whose
 * names are given by section. Data are left to the page.
 */
export function markdownPage({ title, lead, sections, footer }: Page, pictures: ReadonlyMap<Section, string> = new Map()): string {
  const parts = [`# ${title}`, lead, ...sections.flatMap((section) => partsOf(section, pictures.get(section))), footer];
  return `${parts.join("\n\n")}\n`;
}

function partsOf(section: Section, picture: string | undefined): string[] {
  const heading = `## ${section.title}`;
  switch (section.kind) {
    case "prose":
      return [heading, ...section.paragraphs];
    case "table":
      return [heading, markdownTable(section.table), section.caption];
    case "facts":
      return [heading, section.facts.map(([name, value]) => `- ${name}: ${value}`).join("\n")];
    case "links":
      return [heading, ...section.links.map(({ text, path, note }) => `[${text}](${path}): ${note}`)];
    case "plot":
    case "plane":
    case "pictures":
      return picture === undefined ? [] : [heading, `![${section.title}](${picture})`, section.caption];
    case "data":
      return [];
  }
}
