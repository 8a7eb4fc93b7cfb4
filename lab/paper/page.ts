import { type StudyName, studies } from "heavyball";
import { button, element, pageHead } from "../parts/element.js";
import { markdown } from "./markdown.js";
import { paperNumbers } from "./numbers.js";
import { resultsOf } from "./results.js";

/** The paper's tables and figures, with what was found here beside its numbers. */
export function mount(root: HTMLElement): void {
  const names = Object.keys(studies) as StudyName[];
  const shown = element("section", { class: "study", tabindex: "-1", "aria-live": "polite" });
  const buttons = new Map(names.map((name) => [name, button(shortTitle(name), () => void show(name))]));

  let chosen: StudyName;
  async function show(name: StudyName): Promise<void> {
    chosen = name;
    for (const [other, made] of buttons) made.setAttribute("aria-pressed", String(other === name));
    const results = resultsOf(name);
    if (results === undefined) {
      shown.replaceChildren(...withoutResults(name));
      return;
    }
    const text = await results.page();
    // Another was chosen while this one was on its way.
    if (chosen !== name) return;
    const addressOf = (file: string): string | undefined => results.files.get(file.replace(/^\.\//, ""));
    const numbers = [...results.files].filter(([file]) => file.endsWith(".csv"));
    const links = numbers.flatMap(([file, address], at) => [
      ...(at === 0 ? ["All digits: "] : [", "]),
      element("a", { href: address }, file),
    ]);
    shown.replaceChildren(...markdown(text, addressOf), element("p", { class: "caption" }, ...links));
  }

  root.append(
    pageHead(
      "The paper",
      "Every table and figure of the paper, with what this library found beside the paper's numbers. CURVES here is a stand-in for " +
        "images that are no longer distributed: compare orders and ratios with the paper, not digits.",
    ),
    element("p", { class: "buttons studies" }, ...buttons.values()),
    shown,
  );
  void show(names.includes("table1") ? "table1" : names[0]);
}

function shortTitle(name: StudyName): string {
  return studies[name].title.split(":")[0];
}

/** The paper's own numbers, and how to get ours. */
function withoutResults(name: StudyName): HTMLElement[] {
  const { title, description } = studies[name];
  const { paper } = studies[name] as { readonly paper?: Readonly<Record<string, unknown>> };
  const numbers = paper === undefined ? [] : [element("h3", {}, "The paper's numbers"), ...paperNumbers(paper)];
  const command = element("code", {}, `heavyball reproduce ${name}`);
  return [
    element("h2", {}, title),
    element("p", {}, description),
    ...numbers,
    element("p", { class: "caption" }, "No results of ours are in this copy; ", command, " computes them."),
  ];
}
