/** The committed results, docs/results: a folder for each study with its page as Markdown, pictures and numbers; none in a copy without. */
const pages = import.meta.glob<string>("../../docs/results/*/*.md", { query: "?raw", import: "default" });
const files = import.meta.glob<string>("../../docs/results/*/*.{svg,csv}", { query: "?url", import: "default", eager: true });

/** What there is of a study. */
export interface StudyResults {
  /** Its page, as Markdown. */
  page(): Promise<string>;
  /** Addresses of its pictures and tables of numbers, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

export function resultsOf(study: string): StudyResults | undefined {
  const folder = `../../docs/results/${study}/`;
  const page = pages[`${folder}${study}.md`];
  if (page === undefined) return undefined;
  const own = Object.entries(files).filter(([path]) => path.startsWith(folder));
  return { page, files: new Map(own.map(([path, address]) => [path.slice(folder.length), address])) };
}
