import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { readRegular } from "./regularFile.js";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Only this machine is served. */
const HOST = "127.0.0.1";

/** A server that listens. */
export interface ServedDirectory {
  /** "http://127.0.0.1:2013/". */
  readonly address: string;
  /** Ends it, and every connection. */
  close(): Promise<void>;
}

/**
 * Serves the files of a directory on the loopback address, every answer with `headers`; `port` 0 takes one that is free. Rejects with the
 * system's error where the port cannot be had.
 */
export async function serveDirectory(
  directory: string,
  options: { readonly port: number; readonly headers: Readonly<Record<string, string>> },
): Promise<ServedDirectory> {
  const { port, headers } = options;
  const server = createServer((request, response) => void answer(directory, headers, request, response));
  await listen(server, port);
  const bound = server.address() as { readonly port: number };
  return {
    address: `http://${HOST}:${bound.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function answer(
  directory: string,
  headers: Readonly<Record<string, string>>,
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const end = (status: number, type: string, body: Uint8Array | string): void => {
    response.writeHead(status, { ...headers, "Content-Type": type, "Cache-Control": "no-cache" });
    response.end(method === "HEAD" ? undefined : body);
  };
  if (method !== "GET" && method !== "HEAD") return end(405, "text/plain", "only GET and HEAD\n");
  const path = pathOf(directory, url);
  try {
    if (path === undefined) throw new Error("outside of the directory");
    end(200, types[extname(path)] ?? "application/octet-stream", await readRegular(path));
  } catch {
    end(404, "text/plain", "there is no such file\n");
  }
}

/** The file of an address; undefined for one that leads out of the directory or cannot be read. */
function pathOf(directory: string, url: string): string | undefined {
  try {
    const { pathname } = new URL(url, "http://host");
    const asked = decodeURIComponent(pathname);
    const path = normalize(join(directory, asked.endsWith("/") ? `${asked}index.html` : asked));
    const root = normalize(directory.endsWith(sep) ? directory : directory + sep);
    return path.startsWith(root) && !path.includes("\0") ? path : undefined;
  } catch {
    return undefined;
  }
}
