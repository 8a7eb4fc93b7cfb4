import { basename, dirname } from "node:path";
import { InvalidOptionError } from "../errors.js";
import { namesOf, namesThere, type PublishedFile, wordsFor } from "../tasks/published.js";
import { dataFiles } from "./dataFiles.js";

/** Where the files of a data set come from: paths by the names they are published under, or an address. */
export type Source =
  | { readonly kind: "paths"; readonly paths: ReadonlyMap<string, string> }
  | { readonly kind: "address"; readonly base: URL };

/**
 * Reads where the files are to come from: an address, if it has a protocol, or a directory, or the only file itself. Throws
 * InvalidOptionError for other protocols, for passwords (which is not repeated), and for a directory that lacks a file.
 */
export async function checkSource(from: string, published: readonly PublishedFile[]): Promise<Source> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(from)) return { kind: "address", base: checkAddress(from) };
  const files = dataFiles(from);
  const names = await namesThere(files);
  const isOnlyFile = published.length === 1 && names.length === 1 && names[0] === basename(from) && files.path(names[0]) === from;
  if (isOnlyFile) return { kind: "paths", paths: new Map([[published[0].name, from]]) };
  const found = published.map((file) => [file, namesOf(file).find((name) => names.includes(name))] as const);
  const missing = found.filter(([, name]) => name === undefined).map(([file]) => file);
  if (missing.length > 0) throw new InvalidOptionError("from", from, `where there is ${wordsFor(missing)}`);
  const isAlone = names.length === 1 && files.path(names[0]) === from;
  const place = isAlone ? dirname(from) : from;
  return { kind: "paths", paths: new Map(found.map(([file, name]) => [file.name, dataFiles(place).path(name!)])) };
}

function checkAddress(from: string): URL {
  if (!URL.canParse(from)) throw new InvalidOptionError("from", from, "an address such as https://HOST/PATH, or the path of a directory");
  const address = new URL(from);
  if (address.username !== "" || address.password !== "") {
    address.username = "";
    address.password = "";
    throw new InvalidOptionError("from", `an address with a password, ${address.href}`, "without one: it would be seen in messages");
  }
  if (address.protocol !== "http:" && address.protocol !== "https:")
    throw new InvalidOptionError("from", from, "an address of http or https, or the path of a directory");
  address.hash = "";
  return address;
}

/** The address of a file: the one given where that ends in the file's name, or else what lies below it. */
export function addressOf({ base }: { readonly base: URL }, { name }: PublishedFile): URL {
  const address = new URL(base);
  if (!address.pathname.endsWith(`/${name}`)) address.pathname = `${address.pathname.replace(/\/$/, "")}/${name}`;
  return address;
}
