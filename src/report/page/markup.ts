/**
 * The few lines that write HTML and SVG. Text enters a document only through `text` and attribute values only through
 * `element`, both of which escape, so that a task name or an option typed by a stranger stays text.
 */

/** A piece of finished markup; plain strings are always escaped before they become one. */
export interface Markup {
  readonly markup: string;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Escapes text for element content and quoted attributes; characters that XML forbids become U+FFFD. */
export function escapeText(value: string): string {
  return value
    .replace(/[&<>"']/g, (character) => entities[character])
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "\ufffd",
    );
}

/** Text as markup. */
export function text(value: string): Markup {
  return { markup: escapeText(value) };
}

export type Child = Markup | string;
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** HTML elements that have no content and no closing tag. */
const voidElements = new Set(["img", "meta", "br", "hr", "col"]);

/** `<name attributes>children</name>`; attributes that are undefined are left out, numbers are written with at most two decimals. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) open += ` ${key}="${typeof value === "number" ? coordinate(value) : escapeText(value)}"`;
  }
  if (voidElements.has(name)) return { markup: `${open}>` };
  return { markup: `${open}>${join(children).markup}</${name}>` };
}

/** Children one after another without an element round them. */
export function join(children: readonly Child[]): Markup {
  return { markup: children.map((child) => (typeof child === "string" ? escapeText(child) : child.markup)).join("") };
}

/** A coordinate with at most two decimals, which keeps documents small and the same on every engine. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}
