/** Rows as CSV with a heading; numbers in full, nothing for what is undefined. */
export function csvText(titles: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  return [titles, ...rows].map((cells) => `${cells.map((cell) => csvField(String(cell ?? ""))).join(",")}\n`).join("");
}

function csvField(text: string): string {
  // What a spreadsheet would take for a formula stays text.
  const safe = /^[=+@]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
