/** Folders as servers serve them, and what Chromium makes of their pages. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { CHROMIUM_ARGUMENTS, findChromium, ISOLATION_HEADERS } from "../../../scripts/chromium.mjs";
import type { Outcomes, TrialOutcome } from "./project.js";

export { ISOLATION_HEADERS };

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export interface Site {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves a folder on a port of this machine, with these headers on every answer. */
export async function serve(folder: string, headers: Readonly<Record<string, string>> = {}): Promise<Site> {
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(new URL(url!, "http://localhost").pathname);
    try {
      const bytes = readFileSync(join(folder, path.endsWith("/") ? `${path}index.html` : path));
      const type = TYPES[extname(path) || ".html"] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, ...headers }).end(bytes);
    } catch {
      // Browsers ask for this by themselves.
      response.writeHead(path === "/favicon.ico" ? 204 : 404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

export interface PageResults {
  readonly page: Outcomes;
  readonly worker: Outcomes;
  readonly trial: TrialOutcome;
  readonly isolated: boolean;
}

/** The installed Chromium, started when it is first needed. */
export class Visitor {
  private browser: Promise<Browser> | undefined;

  /** Opens a page, looks at it, and closes it; what it says on the console as an error or a warning is in `said`. */
  async look<Seen>(address: string, look: (page: Page, said: readonly string[]) => Promise<Seen>): Promise<Seen> {
    this.browser ??= chromium.launch({ executablePath: findChromium()!, args: CHROMIUM_ARGUMENTS });
    const page = await (await this.browser).newPage();
    const said: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") said.push(message.text());
    });
    page.on("pageerror", (error) => said.push(String(error)));
    try {
      await page.goto(address);
      return await look(page, said);
    } catch (error) {
      throw new Error(`at ${address}, which said ${JSON.stringify(said)}: ${error}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  /** Opens a page and waits for its `window.results`; what it said comes along. */
  open(address: string): Promise<PageResults & { readonly said: readonly string[] }> {
    return this.look(address, async (page, said) => {
      await page.waitForFunction(() => "results" in globalThis, undefined, { timeout: 60_000 });
      const results = await page.evaluate(() => (globalThis as unknown as { results: Promise<PageResults> }).results);
      return { ...results, said };
    });
  }

  async close(): Promise<void> {
    await (await this.browser)?.close();
  }
}
