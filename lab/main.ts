/** The laboratory: five pages in one document, each loaded when it is first shown and left as it is when another one is. */
import "./style.css";
import { element } from "./parts/element.js";

interface Entry {
  readonly title: string;
  load(): Promise<{ readonly mount: (root: HTMLElement) => void }>;
}

const pages: Readonly<Record<string, Entry>> = {
  momentum: { title: "Momentum", load: () => import("./momentum/page.js") },
  autoencoder: { title: "Deep autoencoder", load: () => import("./autoencoder/page.js") },
  memory: { title: "Long memory", load: () => import("./memory/page.js") },
  digits: { title: "Digits", load: () => import("./digits/page.js") },
  paper: { title: "The paper", load: () => import("./paper/page.js") },
};

const content = document.querySelector("main") as HTMLElement;
const shown = new Map<string, HTMLElement>();
const links = new Map<string, HTMLAnchorElement>();

for (const [name, { title }] of Object.entries(pages)) {
  const link = element("a", { href: `#${name}` }, title);
  links.set(name, link);
  document.querySelector("nav")?.append(link);
}

function show(): void {
  const asked = location.hash.slice(1);
  const name = Object.hasOwn(pages, asked) ? asked : "momentum";
  const { title, load } = pages[name];
  document.title = `${title} · heavyball laboratory`;
  for (const [other, link] of links) {
    if (other === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let root = shown.get(name);
  if (root === undefined) {
    root = element("article", { id: `page-${name}` });
    shown.set(name, root);
    content.append(root);
    const own = root;
    load().then(
      ({ mount }) => mount(own),
      (error: unknown) => own.append(element("p", { class: "complaint" }, `This page could not be loaded: ${String(error)}. Reload it.`)),
    );
  }
  for (const [other, page] of shown) page.hidden = other !== name;
  // What was hidden has no size; charts look at theirs again.
  window.dispatchEvent(new Event("resize"));
}

window.addEventListener("hashchange", () => {
  show();
  window.scrollTo(0, 0);
});
show();
