/** Pages of the laboratory in real Chromium: each answers a first key, and the paper's tables stand there as they were committed. */
import { existsSync, readFileSync } from "node:fs";
import { type StudyName, studies } from "heavyball";
import type { Locator, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Laboratory } from "../support/laboratory.js";

const results = new URL("../../docs/results/", import.meta.url);
const slider = (page: string) =>
  [page, "input[type=range]", "ArrowRight", (first: Locator) => first.getAttribute("aria-valuetext")] as const;

/** What a reader touches first on each page (scripts/lab-look.mjs has how soon it answers), a key, and where its answer is seen. */
const touched: readonly (readonly [string, string, string, (first: Locator) => Promise<string | null>])[] = [
  slider("momentum"),
  slider("autoencoder"),
  slider("memory"),
  slider("digits"),
  ["digits", ".pad", "ArrowDown", (pad) => pad.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())],
  ["paper", ".studies button:nth-of-type(3)", "Enter", (button) => button.getAttribute("aria-pressed")],
];

/** The cells of the tables in a page of Markdown, without its marks. */
function tablesIn(markdown: string): string[][][] {
  const blocks = markdown.split(/\n{2,}/).filter((block) => block.startsWith("|"));
  const plain = (cell: string) =>
    cell
      .trim()
      .replace(/\[([^\]]+)\]\([^)]+\)|[`*]/g, "$1")
      .replace(/\\(.)/g, "$1");
  return blocks.map((block) => {
    const [head, , ...rows] = block.trim().split("\n");
    return [head, ...rows].map((line) =>
      line
        .replace(/^\||\|$/g, "")
        .split(/(?<!\\)\|/)
        .map(plain),
    );
  });
}

const shownTables = (page: Page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll<HTMLTableElement>("#page-paper .study table"), (table) =>
      Array.from(table.rows, (row) => Array.from(row.cells, (cell) => cell.textContent ?? "")),
    ),
  );

describe.skipIf(Laboratory.executable === undefined)("pages of the laboratory", () => {
  let laboratory: Laboratory;
  beforeAll(async () => void (laboratory = await Laboratory.open()));
  afterAll(() => laboratory?.close());

  it.each(touched)("%s answers the first key on its %s", async (name, selector, key, answerOf) => {
    const { page, complaints } = await laboratory.page(name);
    const first = page.locator(`#page-${name} ${selector}`).first();
    const before = await answerOf(first);
    await first.press(key);
    await expect.poll(() => answerOf(first)).not.toBe(before);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("shows every study that is chosen: our numbers beside the paper's, as committed, and its pictures", async () => {
    const { page, complaints } = await laboratory.page("paper");
    for (const name of Object.keys(studies) as StudyName[]) {
      const { title } = studies[name];
      const button = page.locator("#page-paper .studies").getByRole("button", { name: title.split(":")[0], exact: true });
      await button.press("Enter");
      await page.locator("#page-paper .study h2", { hasText: title }).waitFor();
      expect(await page.locator("#page-paper [aria-pressed=true]").allTextContents()).toEqual([title.split(":")[0]]);
      const file = new URL(`${name}/${name}.md`, results);
      if (!existsSync(file)) {
        expect(await page.locator("#page-paper .study").textContent()).toContain(`heavyball reproduce ${name}`);
        continue;
      }
      const text = readFileSync(file, "utf8");
      expect(await shownTables(page), name).toEqual(tablesIn(text));
      const pictures = page.locator("#page-paper .study img");
      expect(await pictures.count(), name).toBe((text.match(/^!\[/gm) ?? []).length);
      for (const picture of await pictures.all()) {
        await picture.scrollIntoViewIfNeeded();
        await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
      }
      const numbers = page.locator("#page-paper .study .caption a").last();
      const answer = await page.request.get(await numbers.evaluate((link) => (link as HTMLAnchorElement).href));
      expect(await answer.text()).toBe(readFileSync(new URL(`${name}/${await numbers.textContent()}`, results), "utf8"));
    }
    await page.getByRole("button", { name: "Table 1", exact: true }).click();
    await page.locator("#page-paper .study h2", { hasText: studies.table1.title }).waitFor();
    const [[head, ...rows]] = await shownTables(page);
    const [paper, here] = [head.indexOf("Paper"), head.indexOf("Here")];
    const isNumber = (cell: string) => cell !== "" && Number.isFinite(Number(cell));
    expect(rows.filter((row) => isNumber(row[paper]) && isNumber(row[here])).length).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
