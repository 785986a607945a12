/** Which lines are JSON objects in log format JSON, and how they are delivered (CAP-41 to CAP-45, EVT-76). */

/**
 * The text of the JSON object that `text` is, as written but without white space between its tokens, or `undefined`
 * when it is anything else. Duplicate keys, member order and the spelling of numbers and strings stay (CAP-45); white
 * space goes because bodies have none (DLV-09), and because a line break would tear a TCP line in two (DLV-14).
 */
export function jsonObjectText(text: string): string | undefined {
  let from = 0;
  while (isSpace(text.charCodeAt(from))) from++;
  if (text.charCodeAt(from) !== openingBrace) return undefined;
  let to = text.length;
  while (isSpace(text.charCodeAt(to - 1))) to--;
  const trimmed = text.slice(from, to);
  if (!isJson(trimmed)) return undefined;
  return anySpace.test(trimmed) ? trimmed.replace(stringOrSpace, keepStrings) : trimmed;
}

const openingBrace = 0x7b;
const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
const anySpace = /[ \t\r\n]/;
const stringOrSpace = /("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+/g;

const keepStrings = (_match: string, string: string | undefined): string => string ?? "";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
