/** The examples that are folders with a page, in a project of its own beside the package as it is published. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, build as vite } from "vite";
import { ISOLATION_HEADERS, serve } from "./loading/site.js";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

/** Copies a file or a folder of examples/ into a folder, and gives its path there. */
export function copyExample(name: string, folder: string): string {
  const path = join(folder, name);
  cpSync(join(examples, name), path, { recursive: true });
  return path;
}

/** Serves a folder's page by Vite, in development or built and from its own settings, while it is looked at. */
export async function served(folder: string, as: "dev" | "build", allow: string, look: (address: string) => Promise<void>): Promise<void> {
  const settings = { root: folder, logLevel: "error" as const };
  if (as === "build") {
    await vite({ ...settings, base: "./" });
    const site = await serve(join(folder, "dist"), ISOLATION_HEADERS);
    return look(site.address).finally(() => site.close());
  }
  const server = await createServer({ ...settings, server: { port: 0, host: "127.0.0.1", fs: { allow: [allow] } } });
  await server.listen();
  return look(server.resolvedUrls!.local[0]).finally(() => server.close());
}
