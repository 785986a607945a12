/** Patterns for JSON: `{ $.level = "ERROR" && ($.latency > 500 || $.user IS NULL) }`. */
import { type Condition, ConditionReader } from "./condition-reader.ts";
import { readSelector, type Selector } from "./json-selector.ts";
import type { FilterPattern, Needle } from "./pattern.ts";
import { numberOf, type Operand, type Operator, valueTest } from "./value-test.ts";

export function jsonPattern(text: string): FilterPattern {
  const reader = new ConditionReader(text);
  const comparisons: Comparison[] = [];
  reader.expect("{");
  const condition = reader.or(() => comparison(reader, comparisons));
  reader.expect("}");
  reader.skipSpace();
  if (reader.at < text.length) throw reader.unexpected("its end");
  // Only where nothing is an alternative must every comparison hold.
  const needle = text.includes("||") ? undefined : needleOf(comparisons);
  return {
    matches: (message) => {
      const document = parsed(message);
      return document !== undefined && condition(document);
    },
    ...(needle === undefined ? {} : { needle }),
  };
}

interface Comparison {
  readonly operator: Operator;
  readonly operand: Operand;
}

/** The message, or what follows the prefix of a runtime's line, as far as it is an object. */
function parsed(message: string): unknown {
  const start = message.indexOf("{");
  if (start < 0 || message.slice(0, start).trim() !== "") return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function comparison(reader: ConditionReader, comparisons: Comparison[]): Condition<unknown> {
  const selector = readSelector(reader);
  const keyword = reader.takeMatch(/(IS\s+(NULL|TRUE|FALSE)|NOT\s+EXISTS)(?![A-Za-z0-9_])/y);
  if (keyword !== undefined) return keywordTest(selector, keyword.replaceAll(/\s+/g, " "));
  const operator = reader.operator();
  if (operator === undefined) throw reader.unexpected("a comparison");
  const operand = reader.operand(/[A-Za-z0-9_*.+-]+/y);
  reader.checkOrder(operator, operand);
  comparisons.push({ operator, operand });
  return selectedTest(selector, operator, operand);
}

function keywordTest(selector: Selector, keyword: string): Condition<unknown> {
  if (keyword === "NOT EXISTS") return (document) => selector(document).length === 0;
  const wanted = { "IS NULL": null, "IS TRUE": true, "IS FALSE": false }[keyword];
  return (document) => selector(document).includes(wanted);
}

/** What points to an array, an object, null or nothing is compared with nothing: neither `=` nor `!=` holds. */
function selectedTest(selector: Selector, operator: Operator, operand: Operand): Condition<unknown> {
  const test = valueTest(operator, operand);
  const isOrder = operator !== "=" && operator !== "!=";
  return (document) =>
    selector(document).some((value) => {
      if (typeof value === "number") return test(String(value));
      return !isOrder && (typeof value === "string" || typeof value === "boolean") && test(String(value));
    });
}

function needleOf(comparisons: readonly Comparison[]): Needle | undefined {
  const texts = comparisons.flatMap(({ operator, operand }) =>
    operator === "=" && operand.kind === "text" ? [operand.text.replaceAll(/^\*|\*$/g, "")] : [],
  );
  // A number may be written in many ways, and JSON escapes some characters as it likes.
  const safe = texts.filter((text) => /^[A-Za-z0-9 _.:-]+$/.test(text) && numberOf(text) === undefined);
  const [longest] = safe.sort((one, other) => other.length - one.length);
  return longest === undefined ? undefined : { text: longest, maybeEscaped: true };
}
