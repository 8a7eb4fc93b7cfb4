import type { Markup } from "#internal/report/page/markup";
import { element } from "./element.js";

const sheets = new Set<string>();

/**
 * A picture of the library's own drawing, as an element. The rules that it carries for standing alone become a sheet of the page's, since
 * the page's policy has no place for styles inside elements.
 */
export function drawing({ markup }: Markup): SVGSVGElement {
  // Taken out as text: an element with styles is refused as soon as it is parsed.
  const bare = markup.replace(/<style>([\s\S]*?)<\/style>/g, (_, rules: string) => {
    adopt(rules.replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
    return "";
  });
  const parsed = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement as unknown as SVGSVGElement;
  return document.importNode(parsed, true);
}

function adopt(rules: string): void {
  if (sheets.has(rules)) return;
  sheets.add(rules);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
}

/** A place for a drawing that is made for its width, again when that changes. */
export class DrawingPlace {
  readonly root = element("div", { class: "drawing" });
  private width = 0;

  constructor(private readonly make: (width: number) => Markup) {
    new ResizeObserver(() => {
      if (Math.round(this.root.clientWidth) !== this.width) this.draw();
    }).observe(this.root);
  }

  draw(): void {
    this.width = Math.round(this.root.clientWidth);
    if (this.width === 0) return;
    const old = this.root.querySelector("svg");
    const next = drawing(this.make(this.width));
    if (old === null) this.root.prepend(next);
    else old.replaceWith(next);
  }
}
