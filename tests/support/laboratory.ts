import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { expect } from "vitest";
import { labHeaders } from "#internal/cli/commands/lab";
import { type ServedDirectory, serveDirectory } from "#internal/node/serveDirectory";
import { CHROMIUM_ARGUMENTS, findChromium } from "../../scripts/chromium.mjs";

const built = fileURLToPath(new URL("../../dist/lab/", import.meta.url));

/** The laboratory, served as the command serves it, and a browser. */
export class Laboratory {
  private constructor(
    private readonly browser: Browser,
    private readonly served: ServedDirectory,
  ) {}

  static readonly executable = findChromium();

  static async open(headers: Readonly<Record<string, string>> = labHeaders): Promise<Laboratory> {
    const served = await serveDirectory(built, { port: 0, headers });
    return new Laboratory(await chromium.launch({ executablePath: Laboratory.executable, args: CHROMIUM_ARGUMENTS }), served);
  }

  get address(): string {
    return this.served.address;
  }

  /** A page of it in a profile of its own; `complaints` collects what its console says, which has to be nothing. */
  async page(name: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(50_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${this.address}#${name}`);
    await page.locator("h1:visible").waitFor();
    return { page, complaints };
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.served.close();
  }
}

/** A content of one of the runs that the browser keeps: as text, or its SHA-256 in hexadecimal digits where it is large. */
export async function keptContent(page: Page, run: string, name: string, as: "text" | "sha256" = "text"): Promise<string> {
  const content = await page.evaluate(
    async ([run, name, as]) => {
      const bytes = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
        const opening = indexedDB.open("heavyball", 1);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const request = opening.result
            .transaction("contents")
            .objectStore("contents")
            .get([`laboratory ${run}`, name]);
          request.onerror = () => reject(request.error);
          request.onsuccess = () => {
            opening.result.close();
            resolve((request.result as Uint8Array<ArrayBuffer> | undefined) ?? new Uint8Array());
          };
        };
      });
      if (as === "text") return new TextDecoder().decode(bytes);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return bytes.length === 0 ? "" : Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
    [run, name, as],
  );
  expect(content, name).not.toBe("");
  return content;
}

/** Sets the slider of a label, on the page that is shown. */
export async function slide(page: Page, label: string, value: number): Promise<void> {
  await page.getByRole("slider", { name: label }).fill(String(value));
}

/** Presses a button of that name, such as "Download the record of NAG"; returns the file that arrives. */
export async function downloaded(page: Page, button: string): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
}

/** The same for a file of JSON. */
export async function downloadedJson<Content>(page: Page, button: string): Promise<{ readonly name: string; readonly content: Content }> {
  const { name, bytes } = await downloaded(page, button);
  return { name, content: JSON.parse(new TextDecoder().decode(bytes)) as Content };
}
