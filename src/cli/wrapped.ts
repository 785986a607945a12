/** Below this a column is no column any more. */
const narrowest = 20;

/** Breaks `text` at spaces into lines of at most `width` characters; a longer word stays whole. */
export function wrapped(text: string, width: number | undefined): string[] {
  const lines = text.split("\n");
  if (width === undefined) return lines;
  const most = Math.max(width, narrowest);
  return lines.flatMap((line) => wrappedLine(line, most));
}

function wrappedLine(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
