/** A paragraph as lines of at most `width` characters, broken at spaces; a longer word has a line of its own. */
export function wrap(paragraph: string, width: number): string {
  const lines = [""];
  for (const word of paragraph.split(/\s+/)) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
