import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InvalidOptionError, UnsupportedError } from "../../errors.js";
import { serveDirectory } from "../../node/serveDirectory.js";
import { checkInteger, orDefault } from "../../validate.js";
import { Interrupt } from "../terminal/interrupt.js";
import { describeOptions, parseOptions, UsageError } from "../terminal/options.js";
import { print, say } from "../terminal/output.js";

/** The year of the paper. A fixed one, since browsers keep runs for an origin, of which the port is part. */
const PORT = 2013;

const options = {
  port: {
    kind: "number",
    value: "N",
    help: `the port of the address, 0 for any that is free (default ${PORT});\nruns are kept for an address`,
  },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const;

const labHelp = `heavyball lab [options]

Serves the laboratory, a page on which momentum, a deep autoencoder, long memory and digits
can be tried, on this machine alone; Ctrl-C ends it. The page is the folder dist/lab of the
package, static files that can be hosted anywhere; with the headers of cross-origin isolation,
which this command sends, it trains on several threads.

${describeOptions(options)}
`;

/** What every answer has: isolation, so that memory can be shared, and a policy that takes everything from the page's own origin. */
export const labHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

/** `heavyball lab`; returns the exit code. */
export async function labCommand(args: readonly string[]): Promise<number> {
  const { values, words } = parseOptions("lab", options, args);
  if (values.help) {
    print(labHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`lab takes no ${JSON.stringify(words[0])}; heavyball lab --help has its options`);
  const port = checkPort(values.port);
  const directory = fileURLToPath(new URL("../../lab/", import.meta.url));
  if (!existsSync(directory))
    throw new UnsupportedError(`the laboratory is not built: ${directory} is missing; in a copy of the repository, npm run lab`);
  const served = await serveDirectory(directory, { port, headers: labHeaders }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    const why = error.code === "EACCES" ? "which this user may not open" : "which another program listens on";
    throw new InvalidOptionError("--port", port, `a free port, unlike this one, ${why}; --port 0 takes any that is free`);
  });
  say(`The laboratory is at ${served.address} (Ctrl-C ends it)`);
  const interrupt = new Interrupt();
  await new Promise<void>((resolve) => {
    if (interrupt.happened) resolve();
    else interrupt.signal.addEventListener("abort", () => resolve());
  });
  await served.close();
  interrupt.dispose();
  return interrupt.exitCode!;
}

function checkPort(value: unknown): number {
  return checkInteger("--port", orDefault(value, PORT), 0, 65_535);
}
