import { isArray } from "../../boundary/realm.js";
import { InvalidOptionError } from "../../errors.js";
import { checkObject, checkOneOf } from "../../validate.js";
import type { PictureTable } from "../plot/images.js";
import { pictureTable } from "../plot/images.js";
import type { LogPlot } from "../plot/logPlot.js";
import { logPlot } from "../plot/logPlot.js";
import type { PlanePlot } from "../plot/planePlot.js";
import { planePlot } from "../plot/planePlot.js";
import type { Table } from "../text/table.js";
import type { Attributes, Child, Markup } from "./markup.js";
import { element } from "./markup.js";
import { pageStyle } from "./pageStyle.js";

/** A block of a report page, drawn under its heading. */
export type Section =
  | { readonly kind: "prose"; readonly title: string; readonly paragraphs: readonly string[] }
  | { readonly kind: "table"; readonly title: string; readonly table: Table; readonly caption: string }
  | { readonly kind: "plot"; readonly title: string; readonly plot: LogPlot; readonly caption: string }
  | { readonly kind: "plane"; readonly title: string; readonly plane: PlanePlot; readonly caption: string }
  | { readonly kind: "pictures"; readonly title: string; readonly pictures: PictureTable; readonly caption: string }
  | { readonly kind: "facts"; readonly title: string; readonly facts: readonly (readonly [string, string])[] }
  | { readonly kind: "links"; readonly title: string; readonly links: readonly PageLink[] }
  | {
      readonly kind: "data";
      readonly title: string;
      readonly caption: string;
      readonly values: readonly { readonly name: string; readonly value: unknown }[];
    };

/** Another page beside this one. */
export interface PageLink {
  readonly text: string;
  /** Its path seen from this page, of names joined by slashes. */
  readonly path: string;
  /** What is there, in a paragraph. */
  readonly note: string;
}

/**
 * A report: a title, one paragraph that says what was done and what came out, and sections. All of it is text; none of it is trusted as
 * markup.
 */
export interface Page {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
  readonly footer: string;
}

const sectionKinds = [
  "prose",
  "table",
  "plot",
  "plane",
  "pictures",
  "facts",
  "links",
  "data",
] as const satisfies readonly Section["kind"][];

/**
 * The report as one HTML file that needs nothing beside it: style, plots and pictures are inside, and there is no script.
 *
 * @throws InvalidOptionError for what is no page
 */
export function htmlPage(page: Page): string {
  const { title, lead, sections, footer } = checkPage(page);
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("title", {}, title),
    element("style", {}, { markup: pageStyle }),
  );
  const main = element(
    "main",
    {},
    element("h1", {}, title),
    element("p", { class: "lead" }, lead),
    ...sections.map(section),
    element("footer", {}, footer),
  );
  return `<!doctype html>\n${element("html", { lang: "en" }, head, element("body", {}, main)).markup}\n`;
}

function checkPage(page: Page): Page {
  const given = checkObject("page", page);
  const checkText = (option: string, value: unknown): void => {
    if (typeof value !== "string") throw new InvalidOptionError(option, value, "text");
  };
  for (const name of ["title", "lead", "footer"]) checkText(`page.${name}`, given[name]);
  if (!isArray(given.sections)) throw new InvalidOptionError("page.sections", given.sections, "a list of sections");
  given.sections.forEach((part, at) => {
    const { kind, title } = checkObject(`page.sections[${at}]`, part);
    checkOneOf(`page.sections[${at}].kind`, kind, sectionKinds);
    checkText(`page.sections[${at}].title`, title);
  });
  return page;
}

function section(part: Section): Markup {
  return element("section", {}, element("h2", {}, part.title), ...body(part));
}

function body(part: Section): Child[] {
  switch (part.kind) {
    case "prose":
      return part.paragraphs.map((paragraph) => element("p", {}, paragraph));
    case "table":
      return [element("div", scrolled(part.title), htmlTable(part.table)), element("p", { class: "caption" }, part.caption)];
    case "plot":
      return figure((width, height) => logPlot(part.plot, width, height), part.caption);
    case "plane":
      return figure((width, height) => planePlot(part.plane, width, height), part.caption);
    case "pictures":
      return [pictureTable(part.pictures), element("p", { class: "caption" }, part.caption)];
    case "facts":
      return [element("dl", {}, ...part.facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))];
    case "links":
      return part.links.flatMap(({ text, path, note }) => [
        element("p", {}, element("a", { href: path.split("/").map(encodeURIComponent).join("/") }, text)),
        element("p", { class: "caption" }, note),
      ]);
    case "data":
      return [
        element("p", { class: "caption" }, part.caption),
        ...part.values.map(({ name, value }) =>
          element("details", {}, element("summary", {}, name), element("pre", {}, JSON.stringify(value, null, 2))),
        ),
      ];
  }
}

/** Text in a picture shrinks with it, so phones get a drawing of their own. */
function figure(draw: (width: number, height: number) => Markup, caption: string): Child[] {
  return [
    element("div", { class: "figure wide" }, draw(800, 480)),
    element("div", { class: "figure narrow" }, draw(370, 340)),
    element("p", { class: "caption" }, caption),
  ];
}

/** What may be wider than the page can be moved by the keyboard too, and so has to have a name. */
function scrolled(title: string): Attributes {
  return { class: "scroll", tabindex: "0", role: "group", "aria-label": title };
}

/** The first cell of a row is its heading. */
function htmlTable({ columns, rows }: Table): Markup {
  const side = (at: number): string | undefined => (columns[at].align === "right" ? "right" : undefined);
  const cell = (text: string, at: number): Markup =>
    at === 0 ? element("th", { class: side(at), scope: "row" }, text) : element("td", { class: side(at) }, text);
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...columns.map((column, at) => element("th", { class: side(at), scope: "col" }, column.title)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}
