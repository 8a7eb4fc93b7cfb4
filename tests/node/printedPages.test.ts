/** Pages of studies in real Chromium, without scripts: on paper, on a phone, by the keyboard. */
import { memorySweepStore, type Rendering, renderStudy, runStudy } from "heavyball";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_ARGUMENTS, findChromium } from "../../scripts/chromium.mjs";
import { inventor, rateOf } from "../support/inventedTrials.js";

const executablePath = findChromium();
/** A4 without the margins of a browser, and a phone. */
const paper = { width: 718, height: 1047 };
const phone = { width: 360, height: 700 };

describe.skipIf(executablePath === undefined)("the page of a table", () => {
  let browser: Browser;
  let rendering: Rendering;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
    // The widest: eleven columns, remarks in a sentence, several seeds.
    const running = { executor: inventor((spec) => 16 + rateOf(spec)), store: memorySweepStore(), data: { from: "a program" } };
    rendering = renderStudy(await runStudy("table1", { seeds: 2, fraction: 0.00005 }, running));
  });
  afterAll(() => browser?.close());

  async function pageOf(viewport: { readonly width: number; readonly height: number }): Promise<Page> {
    const context = await browser.newContext({ viewport, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.setContent(rendering.files["report.html"]);
    return page;
  }
  const tooWide = (page: Page, selector: string) =>
    page.locator(selector).evaluateAll((parts) => parts.filter((part) => part.scrollWidth > part.clientWidth).length);
  const table = (page: Page) => page.getByRole("group", { name: "CURVES", exact: true });

  it("has its tables whole on paper, where nothing can be scrolled", async () => {
    const page = await pageOf(paper);
    expect(await tooWide(page, ".scroll")).toBeGreaterThan(0);
    await page.emulateMedia({ media: "print" });
    expect(await tooWide(page, ".scroll, html")).toBe(0);
    await page.context().close();
  });

  it("scrolls tables on a phone and not itself, by the keyboard too", async () => {
    const page = await pageOf(phone);
    expect(await tooWide(page, "html")).toBe(0);
    await table(page).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => table(page).evaluate((part) => part.scrollLeft)).toBeGreaterThan(0);
    await page.context().close();
  });

  it("names the rows and the columns of its tables", async () => {
    const page = await pageOf(paper);
    expect(await table(page).getByRole("rowheader").allTextContents()).toContain("NAG 0.999");
    expect(await table(page).getByRole("columnheader").allTextContents()).toContain("Paper");
    await page.context().close();
  });
});
