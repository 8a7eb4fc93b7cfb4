import { element } from "./element.js";

/** Text, with the mark of a line of the charts where it names one, and in another color where it is bad news. */
export type Cell = string | { readonly text: string; readonly title?: string; readonly style?: number; readonly isBad?: boolean };

/** A table that scrolls sideways where it is too wide; the first column names the rows. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): HTMLElement {
  const columns = head.map((title) => element("th", { scope: "col" }, title));
  const body = rows.map((row) => {
    return element("tr", {}, ...row.map((cell, at) => cellOf(cell, at === 0)));
  });
  const parts = [element("thead", {}, element("tr", {}, ...columns)), element("tbody", {}, ...body)];
  const captions = caption === undefined ? [] : [element("caption", {}, caption)];
  return element("div", { class: "scroll", tabindex: "0", role: "group" }, element("table", {}, ...captions, ...parts));
}

function cellOf(cell: Cell, isHead: boolean): HTMLElement {
  const { text, title, style, isBad = false } = typeof cell === "string" ? { text: cell } : cell;
  const attributes = { title, class: isBad ? "bad" : undefined };
  const content = style === undefined ? [text] : [mark(style), text];
  return isHead ? element("th", { scope: "row", ...attributes }, ...content) : element("td", attributes, ...content);
}

/** A short piece of a line, as charts draw it. */
export function mark(style: number): HTMLElement {
  return element("span", { class: `mark line${style}`, "aria-hidden": "true" });
}
