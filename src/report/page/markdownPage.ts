import { markdownTable } from "../text/markdownTable.js";
import type { Page, Section } from "./page.js";

/** A report as Markdown: its words, tables and facts. Plots, pictures and data are left to the page. */
export function markdownPage({ title, lead, sections, footer }: Page): string {
  const parts = [`# ${title}`, lead, ...sections.flatMap((section) => partsOf(section)), footer];
  return `${parts.join("\n\n")}\n`;
}

function partsOf(section: Section): string[] {
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
    case "data":
      return [];
  }
}
