import { pathToFileURL } from "node:url";
import { findBrowser } from "../../scripts/chromium.mjs";
import type { PageResults } from "../support/loading/site.js";
import { required } from "./workplace.js";

/** The installed Firefox, if there is one, which HEAVYBALL_FIREFOX may name. */
export const FIREFOX = findBrowser("HEAVYBALL_FIREFOX", ["firefox-esr", "firefox"]);

/** What is used of puppeteer-core, which speaks WebDriver BiDi with a Firefox as it is installed: Playwright needs one of its own. */
interface Puppeteer {
  launch(options: { browser: "firefox"; executablePath: string; headless: boolean }): Promise<Browser>;
}
interface Browser {
  version(): Promise<string>;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Page {
  on(event: "console", listen: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listen: (error: unknown) => void): void;
  goto(address: string): Promise<unknown>;
  waitForFunction(condition: () => boolean, options: { timeout: number }): Promise<unknown>;
  evaluate<Result>(look: () => Result): Promise<Awaited<Result>>;
  close(): Promise<void>;
}

/** Firefox, started when it is first needed. */
export class FirefoxVisitor {
  private browser: Promise<Browser> | undefined;

  /** Opens a page and waits for its `window.results`; what it said on the console as an error or a warning comes along. */
  async open(address: string): Promise<PageResults & { readonly said: readonly string[] }> {
    this.browser ??= this.start();
    const page = await (await this.browser).newPage();
    const said: string[] = [];
    page.on("console", (message) => {
      if (["error", "warn", "warning"].includes(message.type())) said.push(message.text());
    });
    page.on("pageerror", (error) => said.push(String(error)));
    try {
      await page.goto(address);
      await page.waitForFunction(() => "results" in globalThis, { timeout: 60_000 });
      const results = await page.evaluate(() => (globalThis as unknown as { results: Promise<PageResults> }).results);
      return { ...results, said };
    } catch (error) {
      throw new Error(`at ${address}, which said ${JSON.stringify(said)}: ${error}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  async close(): Promise<void> {
    await (await this.browser)?.close();
  }

  private async start(): Promise<Browser> {
    const { default: puppeteer } = (await import(pathToFileURL(required.resolve("puppeteer-core")).href)) as { default: Puppeteer };
    return puppeteer.launch({ browser: "firefox", executablePath: FIREFOX!, headless: true });
  }
}
