/** Patterns for lines of fields: `[ip, user, ..., status = 4* && status != 403, bytes > 1000]`. */
import { type Condition, ConditionReader } from "./condition-reader.ts";
import { type FilterPattern, InvalidFilterPattern } from "./pattern.ts";
import { valueTest } from "./value-test.ts";

export function spaceDelimitedPattern(text: string): FilterPattern {
  const reader = new ConditionReader(text);
  reader.expect("[");
  const fields: ("…" | Condition<string>)[] = [];
  do fields.push(readField(reader));
  while (reader.take(","));
  reader.expect("]");
  reader.skipSpace();
  if (reader.at < text.length) throw reader.unexpected("its end");
  const gap = fields.indexOf("…");
  if (gap !== fields.lastIndexOf("…")) throw new InvalidFilterPattern("Invalid filter pattern: more than one ellipsis");
  const conditions = fields.filter((field) => field !== "…");
  const [before, after] = gap < 0 ? [conditions, []] : [conditions.slice(0, gap), conditions.slice(gap)];
  return {
    matches: (message) => {
      const values = fieldsOf(message);
      if (gap < 0 ? values.length !== conditions.length : values.length < conditions.length) return false;
      const last = values.slice(values.length - after.length);
      return before.every((field, at) => field(values[at] ?? "")) && after.every((field, at) => field(last[at] ?? ""));
    },
  };
}

/** A name, with or without conditions on it; a field may have no name. */
function readField(reader: ConditionReader): "…" | Condition<string> {
  if (reader.take("...") || reader.take("…")) return "…";
  reader.skipSpace();
  if (/[,\]]/.test(reader.text[reader.at] ?? "")) return () => true;
  return reader.or(() => {
    if (reader.takeMatch(/[A-Za-z0-9_$-]+/y) === undefined) throw reader.unexpected("the name of a field");
    const operator = reader.operator();
    if (operator === undefined) return () => true;
    const operand = reader.operand(/[^\s,\])&|"%]+/y);
    reader.checkOrder(operator, operand);
    return valueTest(operator, operand);
  });
}

/** What stands between brackets or quotes is one field, which they are no part of. */
const fieldsOf = (message: string): readonly string[] =>
  [...message.matchAll(/\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, bracketed, quoted, plain]) => bracketed ?? quoted ?? plain ?? "",
  );
