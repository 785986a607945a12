/** Regular expressions and the simple patterns of `parse`, from their text. */
import type { QueryReader } from "./query-reader.ts";

/** `/…/`, with `(?i)` and its like at the beginning; nothing when no slash comes next. */
export function readPattern(reader: QueryReader): RegExp | undefined {
  const from = reader.at;
  const found = reader.take(/\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\//y);
  if (found === undefined) return undefined;
  const [, flags = "", pattern = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(found[1] ?? "") ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch {
    return reader.refuse(`the regular expression ${found[0]} cannot be read`, from);
  }
}

/** Each `*` is a group; everything else is what it is. */
export function globPattern(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  const last = parts.at(-1) === "" ? "([^]*)" : "([^]*?)";
  return new RegExp(
    parts.reduce((pattern, part, index) => pattern + (index === parts.length - 1 ? last : "([^]*?)") + part),
  );
}

export const groupNames = (pattern: RegExp): readonly string[] =>
  [...pattern.source.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = ""]) => name);
