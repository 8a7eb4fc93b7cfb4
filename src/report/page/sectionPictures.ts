import { logPlot } from "../plot/logPlot.js";
import { pictureFile } from "../plot/pictureFile.js";
import { planePlot } from "../plot/planePlot.js";
import type { Page, Section } from "./page.js";

/** The pictures of a page as files of their own, for texts that cannot hold them. */
export interface SectionPictures {
  /** The name of each section's picture. */
  readonly names: ReadonlyMap<Section, string>;
  /** Pictures that are no file yet, as SVG. */
  readonly files: Readonly<Record<string, string>>;
}

/** Draws plots and pictures of a page; one that is among `files` already keeps its name there, others are called as their sections are. */
export function sectionPictures({ sections }: Page, files: Readonly<Record<string, string>>): SectionPictures {
  const names = new Map<Section, string>();
  const drawn: Record<string, string> = {};
  for (const section of sections) {
    const svg = draw(section);
    if (svg === undefined) continue;
    const known = Object.entries(files).find(([, content]) => content === svg)?.[0];
    const name = known ?? `${fileName(section.title)}.svg`;
    if (known === undefined) drawn[name] = svg;
    names.set(section, name);
  }
  return { names, files: drawn };
}

function draw(section: Section): string | undefined {
  switch (section.kind) {
    case "plot":
      return `${logPlot(section.plot).markup}\n`;
    case "plane":
      return `${planePlot(section.plane).markup}\n`;
    case "pictures":
      return `${pictureFile(section.title, section.pictures).markup}\n`;
    default:
      return undefined;
  }
}

/** "Error by scale" is error-by-scale. */
function fileName(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
