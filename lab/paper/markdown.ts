import { element } from "../parts/element.js";

/** Letters of a cell that is not broken into lines. */
const SHORT = 16;

/**
 * The Markdown that the library writes of its reports, as elements: headings, paragraphs, lists, tables, pictures and links. `addressOf`
 * gives the address of a file that is named; what has none stays text.
 */
export function markdown(text: string, addressOf: (name: string) => string | undefined): HTMLElement[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== "")
    .map((block) => blockOf(block.trim(), addressOf));
}

function blockOf(block: string, addressOf: (name: string) => string | undefined): HTMLElement {
  const heading = /^(#{1,4}) (.*)$/.exec(block);
  // A level lower, since the page has a heading above these.
  if (heading !== null) return element(heading[1].length === 1 ? "h2" : "h3", {}, ...inline(heading[2], addressOf));
  const picture = /^!\[(.*)\]\((.*)\)$/.exec(block);
  if (picture !== null) {
    const address = addressOf(picture[2]);
    if (address === undefined) return element("p", {}, picture[1]);
    const image = element("img", { src: address, alt: picture[1], loading: "lazy" });
    return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Picture" }, image);
  }
  const lines = block.split("\n");
  if (lines.every((line) => line.startsWith("- ")))
    return element("ul", {}, ...lines.map((line) => element("li", {}, ...inline(line.slice(2), addressOf))));
  if (lines.length > 1 && lines.every((line) => line.startsWith("|"))) return tableOf(lines, addressOf);
  return element("p", {}, ...inline(lines.join(" "), addressOf));
}

function tableOf([head, rule, ...rows]: readonly string[], addressOf: (name: string) => string | undefined): HTMLElement {
  const cells = (line: string): string[] =>
    line
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const isRight = cells(rule).map((cell) => cell.endsWith(":"));
  const row = (line: string, name: "th" | "td"): HTMLElement => {
    const made = cells(line).map((cell, at) => {
      const classes = [...(isRight[at] ? ["right"] : []), ...(cell.length <= SHORT && name === "td" ? ["short"] : [])];
      return element(name, { class: classes.length === 0 ? undefined : classes.join(" ") }, ...inline(cell, addressOf));
    });
    return element("tr", {}, ...made);
  };
  const body = element("tbody", {}, ...rows.map((line) => row(line, "td")));
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "group" },
    element("table", {}, element("thead", {}, row(head, "th")), body),
  );
}

/** Code, bold, emphasis and links within a line. */
function inline(text: string, addressOf: (name: string) => string | undefined): (Node | string)[] {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/);
  return parts.map((part, at) => {
    if (at % 2 === 0) return part.replace(/\\([\\`*_[\]|<>])/g, "$1");
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("strong", {}, part.slice(2, -2));
    const [, name, target] = /^\[(.*)\]\((.*)\)$/.exec(part)!;
    const address = /^https?:/.test(target) ? target : addressOf(target);
    return address === undefined ? name : element("a", { href: address }, name);
  });
}
