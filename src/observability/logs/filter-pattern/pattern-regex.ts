/** Regular expressions between percent signs: a small language of their own, without groups. */
import { InvalidFilterPattern } from "./pattern.ts";

/** Letters, digits, a few symbols, and the operators `^ $ ? [ ] { } | \ * + .`; within `[]` and after `\` too. */
const notAllowed = /[^A-Za-z0-9:_#=@/;,\-\s^$?[\]{}|\\*+.]/u;

/** `body` is what stands between the percent signs. */
function patternRegex(body: string): RegExp {
  const [stray] = notAllowed.exec(body.replaceAll(/\\./g, "")) ?? [];
  if (stray !== undefined)
    throw new InvalidFilterPattern(`Invalid character '${stray}' in regular expression %${body}%`);
  if (body === "") throw new InvalidFilterPattern("Empty regular expression");
  try {
    return new RegExp(body);
  } catch {
    throw new InvalidFilterPattern(`Invalid regular expression %${body}%`);
  }
}

/** The text up to the closing percent sign, and where the pattern goes on; `from` is behind the opening one. */
export function readRegex(text: string, from: number): { readonly regex: RegExp; readonly end: number } {
  let end = from;
  while (end < text.length && text[end] !== "%") end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) throw new InvalidFilterPattern("A regular expression lacks its closing %");
  return { regex: patternRegex(text.slice(from, end)), end: end + 1 };
}

/** The text of a quoted string, and where the pattern goes on; `from` is behind the opening quote. */
export function readQuoted(text: string, from: number): { readonly value: string; readonly end: number } {
  let value = "";
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return { value, end: at + 1 };
    if (text[at] === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\")) at++;
    value += text[at];
  }
  throw new InvalidFilterPattern('A quoted term lacks its closing "');
}
