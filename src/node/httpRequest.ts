import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import { VERSION } from "../version.js";
import { DownloadError } from "./downloadError.js";

/** As many as browsers follow, about. */
const MOST_REDIRECTS = 10;

export interface AskOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds without a byte, before the answer and within it, after which the connection is given up. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * The answer to a GET, after redirects, its body as the bytes that came: a server that says "Content-Encoding: gzip" of a .gz file means
 * the file itself. Rejects with what broke the connection, and with a DownloadError for redirects in a circle, to other protocols than
 * http and https, and from https to http.
 */
export async function request(address: URL, options: AskOptions): Promise<IncomingMessage> {
  let at = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await ask(at, options);
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || location === undefined) return answer;
    answer.destroy();
    const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
    const isAllowed = next?.protocol === "https:" || (next?.protocol === "http:" && at.protocol === "http:");
    if (!isAllowed) throw new DownloadError(`${at.href} leads to ${next?.href ?? JSON.stringify(location)}, where nothing is fetched from`);
    at = next!;
  }
  throw new DownloadError(`${address.href} leads to other addresses more than ${MOST_REDIRECTS} times`);
}

function ask(address: URL, { headers, timeoutSeconds, signal }: AskOptions): Promise<IncomingMessage> {
  const get = address.protocol === "https:" ? getHttps : getHttp;
  const options: RequestOptions = {
    headers: { "Accept-Encoding": "identity", "User-Agent": `heavyball/${VERSION}`, ...headers },
    // One file a connection: none is kept open that would keep the process alive.
    agent: false,
    timeout: 1000 * timeoutSeconds,
    signal,
  };
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const asked = get(address, options, (begun) => {
      answer = begun;
      resolve(begun);
    });
    asked.on("timeout", () => (answer ?? asked).destroy(new Error(`nothing came for ${timeoutSeconds} seconds`)));
    // Once the answer has begun, it tells what goes wrong.
    asked.on("error", reject);
  });
}
