/** The documents: every link leads somewhere, every file that is named is there, and every page is found from README.md. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files that git tracks, or would, and the folders that they are in. */
const files = new Set(
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" }).split("\0"),
);
const folders = new Set([...files].flatMap((file) => file.split("/").map((_, depth, names) => names.slice(0, depth).join("/"))));
const pages = [...files].filter((file) => file.endsWith(".md"));
const textOf = (page: string) => readFileSync(`${root}${page}`, "utf8");
/** Without code, in which brackets mean something else. */
const proseOf = (page: string) => textOf(page).replace(/^( *)```[\s\S]*?^\1```/gm, "");

/** The names that GitHub gives headings: small letters, no punctuation, hyphens for spaces, and a number where there are several. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(page).matchAll(/^#+ +(.*)$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    const name = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = name;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${name}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Where the links of a page lead within the repository: a path from its root, and an anchor. */
function linksOf(page: string): { readonly link: string; readonly path: string; readonly anchor: string }[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path, anchor = ""] = link.split("#");
      return { link, anchor, path: path === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(path)).replace(/\/$/, "") };
    });
}

describe("the documents", () => {
  it("have no link that leads nowhere", () => {
    const dead = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ path, anchor }) => {
          if (!files.has(path) && !folders.has(path)) return true;
          return anchor !== "" && !(path.endsWith(".md") && anchorsOf(path).has(anchor));
        })
        .map(({ link }) => `${page}: ${link}`),
    );
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
    expect(dead).toEqual([]);
  });

  it("name no file of the repository that is not there", () => {
    const path = /`((?:src|tests|scripts|docs|examples|assembly|lab|tsconfig|bench)\/[\w./-]*\.\w+)`/g;
    const named = pages
      .filter((page) => page !== "CHANGELOG.md")
      .flatMap((page) => [...textOf(page).matchAll(path)].map(([, file]) => file));
    expect(named.length).toBeGreaterThan(50);
    // Whoever reads how a task is written makes these.
    const invented = "src/tasks/checkerboard/";
    expect([...new Set(named)].filter((file) => !files.has(file) && !file.startsWith(invented))).toEqual([]);
  });

  it("are all found from README.md, link by link", () => {
    const found = new Set(["README.md"]);
    for (const page of found) for (const { path } of linksOf(page)) if (path.endsWith(".md")) found.add(path);
    // A results' table is found in its folder.
    const missing = pages.filter((page) => !found.has(page) && !page.startsWith("docs/results/"));
    expect(missing).toEqual(["CHANGELOG.md"]);
  });
});
