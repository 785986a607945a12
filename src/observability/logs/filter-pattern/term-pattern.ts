/** Patterns for plain text: `ERROR "a phrase" -DEBUG`, `?this ?that`, `%regular expression%`. */
import { readQuoted, readRegex } from "./pattern-regex.ts";
import { type FilterPattern, InvalidFilterPattern } from "./pattern.ts";

type Role = "all" | "any" | "none";

interface Term {
  readonly role: Role;
  readonly test: string | RegExp;
}

export function termPattern(text: string): FilterPattern {
  const terms = readTerms(text);
  const having = (role: Role): readonly Term[] => terms.filter((term) => term.role === role);
  const [all, none] = [having("all"), having("none")];
  // The guide: beside terms to include or exclude, those with a question mark are ignored.
  const any = all.length + none.length > 0 ? [] : having("any");
  const needle = longestText(any.length === 1 ? any : all);
  return {
    matches: (message) =>
      all.every((term) => occurs(term, message)) &&
      !none.some((term) => occurs(term, message)) &&
      (any.length === 0 || any.some((term) => occurs(term, message))),
    ...(needle === undefined ? {} : { needle: { text: needle, maybeEscaped: false } }),
  };
}

/** Terms are found within words too: `ERROR` is in `ERRORCODE`. The line's own end is no part of what `$` stands after. */
const occurs = ({ test }: Term, message: string): boolean =>
  typeof test === "string" ? message.includes(test) : test.test(message.replace(/\r?\n$/, ""));

const longestText = (terms: readonly Term[]): string | undefined =>
  terms
    .map(({ test }) => test)
    .filter((test) => typeof test === "string")
    .sort((one, other) => other.length - one.length)[0];

function readTerms(text: string): readonly Term[] {
  const terms: Term[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const mark = text[at];
    const role: Role = mark === "?" ? "any" : mark === "-" ? "none" : "all";
    const from = skipSpace(text, role === "all" ? at : at + 1);
    if (from >= text.length) throw new InvalidFilterPattern(`Invalid filter pattern: no term follows '${mark}'`);
    const { test, end } = readTerm(text, from);
    terms.push({ role, test });
    at = skipSpace(text, end);
  }
  return terms;
}

function readTerm(text: string, from: number): { readonly test: string | RegExp; readonly end: number } {
  if (text[from] === '"') {
    const { value, end } = readQuoted(text, from + 1);
    return { test: value, end };
  }
  if (text[from] === "%") {
    const { regex, end } = readRegex(text, from + 1);
    return { test: regex, end };
  }
  const [word = ""] = /^[^\s"]*/.exec(text.slice(from)) ?? [];
  if (!/^[\p{L}\p{N}_]+$/u.test(word)) throw new InvalidFilterPattern(`Invalid character(s) in term '${word}'`);
  return { test: word, end: from + word.length };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}
