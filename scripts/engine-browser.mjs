/** Runs engine-job.mjs in headless Chromium: dist served by Vite with cross-origin isolation, the job in a worker of the page. */
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { createServer } from "vite";
import { CHROMIUM_ARGUMENTS, ISOLATION_HEADERS } from "./chromium.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

/** An empty, isolated page to start workers from. */
const emptyPage = {
  name: "empty-page",
  configureServer(server) {
    server.middlewares.use("/empty", (_request, response) => {
      for (const [name, value] of Object.entries(ISOLATION_HEADERS)) response.setHeader(name, value);
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><title>heavyball</title>");
    });
  },
};

/** Resolves to the browser's name and version; `report` gets every result. */
export async function runInChromium(executablePath, report) {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    cacheDir: "build/engines/vite",
    appType: "custom",
    plugins: [emptyPage],
    resolve: { alias: { "#platform": `${root}dist/web/platform.js` } },
    optimizeDeps: { include: ["@assemblyscript/loader"], noDiscovery: true },
    server: { host: "127.0.0.1", port: 0, headers: ISOLATION_HEADERS, hmr: false, watch: null },
  });
  await server.listen();
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.exposeFunction("report", report);
    await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/empty`);
    const error = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const worker = new Worker("/scripts/engine-worker.mjs", { type: "module" });
          worker.onerror = (event) => resolve(event.message ?? "the worker did not load");
          worker.onmessage = ({ data }) => (data.done ? resolve(data.error) : globalThis.report(data.result));
        }),
    );
    if (error) throw new Error(error);
    return `Chromium ${browser.version()}`;
  } finally {
    await browser.close();
    await server.close();
  }
}
