/** X-Ray's filter expressions, read into a tree; what is not understood is refused by name. */
import { filterTokens, type FilterToken } from "./filter-tokens.ts";
import { InvalidRequest } from "./xray-operation.ts";

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "beginswith" | "endswith";
export type FilterValue = string | number | boolean;

const flagKeywords = ["ok", "error", "throttle", "fault", "partial", "inferred"] as const;
const numberKeywords = ["responsetime", "duration", "http.status"] as const;
const textKeywords = [
  "http.url",
  "http.method",
  "http.useragent",
  "http.clientip",
  "user",
  "name",
  "type",
  "message",
  "resource.arn",
  "account.id",
] as const;

export type FlagKeyword = (typeof flagKeywords)[number];
export type ValueKeyword = (typeof numberKeywords)[number] | (typeof textKeywords)[number];

/** Plain data: it travels to where the store is. */
export type Filter =
  | { readonly is: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly is: "not"; readonly part: Filter }
  | { readonly is: "flag"; readonly flag: FlagKeyword }
  | {
      readonly is: "value";
      readonly keyword: ValueKeyword;
      readonly comparison: Comparison;
      readonly value: FilterValue;
    }
  /** Without a comparison: there is one of this name. */
  | { readonly is: "annotation"; readonly name: string; readonly comparison?: Comparison; readonly value?: FilterValue }
  | {
      readonly is: "service";
      readonly name?: string;
      readonly type?: string;
      readonly accountId?: string;
      /** What holds for the service's own part of the trace. */
      readonly that?: Filter;
    };

/** @throws InvalidRequest for what is no filter expression, or none that is offered here. */
export function parseFilter(text: string): Filter | undefined {
  if (text.trim() === "") return undefined;
  const reader = new Reader(filterTokens(text));
  const filter = disjunction(reader);
  if (reader.peek() !== undefined) throw reader.unexpected();
  return filter;
}

class Reader {
  readonly #tokens: readonly FilterToken[];
  #at = 0;

  constructor(tokens: readonly FilterToken[]) {
    this.#tokens = tokens;
  }

  peek(): FilterToken | undefined {
    return this.#tokens[this.#at];
  }

  next(): FilterToken {
    const token = this.peek();
    if (token === undefined) throw new InvalidRequest("Invalid filter expression: it ends too early.");
    this.#at++;
    return token;
  }

  /** Takes the next token if it is this word or mark. */
  takes(...wanted: readonly string[]): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === "text" || !wanted.includes(token.text.toLowerCase())) return false;
    this.#at++;
    return true;
  }

  expect(wanted: string): void {
    if (!this.takes(wanted)) throw this.unexpected(wanted);
  }

  unexpected(wanted?: string): InvalidRequest {
    const found = this.peek()?.text ?? "the end";
    return new InvalidRequest(
      `Invalid filter expression: ${wanted === undefined ? "" : `"${wanted}" is expected, and `}"${found}" is not understood there.`,
    );
  }
}

function disjunction(reader: Reader): Filter {
  const parts = [conjunction(reader)];
  while (reader.takes("or", "||")) parts.push(conjunction(reader));
  return parts.length === 1 ? (parts[0] as Filter) : { is: "or", parts };
}

function conjunction(reader: Reader): Filter {
  const parts = [negation(reader)];
  while (reader.takes("and", "&&")) parts.push(negation(reader));
  return parts.length === 1 ? (parts[0] as Filter) : { is: "and", parts };
}

function negation(reader: Reader): Filter {
  if (reader.takes("not", "!")) return { is: "not", part: negation(reader) };
  if (!reader.takes("(")) return term(reader);
  const inner = disjunction(reader);
  reader.expect(")");
  return inner;
}

function term(reader: Reader): Filter {
  const token = reader.peek();
  if (token?.kind !== "word") throw reader.unexpected();
  reader.next();
  const word = token.text.toLowerCase();
  if (word === "service") return service(reader);
  if (word === "annotation" || word.startsWith("annotation.")) return annotation(reader, token.text);
  const flag = flagKeywords.find((keyword) => keyword === word);
  if (flag !== undefined) return flagTerm(reader, flag);
  const numeric = numberKeywords.find((keyword) => keyword === word);
  if (numeric !== undefined) {
    const comparison = comparisonOf(reader, ["=", "!=", "<", "<=", ">", ">="]);
    return { is: "value", keyword: numeric, comparison, value: valueOf(reader, "number") };
  }
  const keyword = textKeywords.find((candidate) => candidate === word);
  if (keyword === undefined)
    throw new InvalidRequest(
      `Invalid filter expression: the keyword "${token.text}" is not offered here. Offered are ${offered.join(", ")}.`,
    );
  return { is: "value", keyword, comparison: comparisonOf(reader, textComparisons), value: valueOf(reader, "string") };
}

const offered = [...flagKeywords, ...numberKeywords, ...textKeywords, "annotation.KEY", "annotation[KEY]", "service()"];
const textComparisons: readonly Comparison[] = ["=", "!=", "contains", "beginswith", "endswith"];

/** `fault`, and `fault = true`. */
function flagTerm(reader: Reader, flag: FlagKeyword): Filter {
  const found = reader.takes("=") ? "=" : reader.takes("!=") ? "!=" : undefined;
  const is: Filter = { is: "flag", flag };
  if (found === undefined) return is;
  return (valueOf(reader, "boolean") === true) === (found === "=") ? is : { is: "not", part: is };
}

/** `annotation.key`, `annotation[key]`, alone or compared. */
function annotation(reader: Reader, word: string): Filter {
  let name = word.slice("annotation.".length);
  if (name === "") {
    reader.expect("[");
    name = reader.next().text;
    reader.expect("]");
  }
  const comparison = [...textComparisons, "<", "<=", ">", ">="].find((candidate) => reader.takes(candidate));
  if (comparison === undefined) return { is: "annotation", name };
  return { is: "annotation", name, comparison: comparison as Comparison, value: valueOf(reader) };
}

/** `service()`, `service("name")`, `service(id(name: "n", type: "t"))`, each with `{ … }` after it or without. */
function service(reader: Reader): Filter {
  reader.expect("(");
  const parts: { name?: string; type?: string; accountId?: string } = {};
  if (reader.takes("id")) {
    reader.expect("(");
    do {
      const member = reader.next().text.toLowerCase();
      reader.expect(":");
      const value = String(valueOf(reader, "string"));
      if (member === "name") parts.name = value;
      else if (member === "type") parts.type = value;
      else if (member === "account.id") parts.accountId = value;
      else throw new InvalidRequest(`Invalid filter expression: id() has no member "${member}".`);
    } while (reader.takes(","));
    reader.expect(")");
  } else if (reader.peek()?.kind === "text") parts.name = reader.next().text;
  reader.expect(")");
  if (!reader.takes("{")) return { is: "service", ...parts };
  const that = disjunction(reader);
  reader.expect("}");
  return { is: "service", ...parts, that };
}

function comparisonOf(reader: Reader, allowed: readonly Comparison[]): Comparison {
  const found = allowed.find((candidate) => reader.takes(candidate));
  if (found === undefined) throw reader.unexpected(allowed.join(" or "));
  return found;
}

function valueOf(reader: Reader, wanted?: "string" | "number" | "boolean"): FilterValue {
  const token = reader.next();
  const word = token.text.toLowerCase();
  const value =
    token.kind === "text" ? token.text : word === "true" || word === "false" ? word === "true" : Number(word);
  if (Number.isNaN(value) || (wanted !== undefined && typeof value !== wanted))
    throw new InvalidRequest(`Invalid filter expression: "${token.text}" is not a ${wanted ?? "value"}.`);
  return value;
}
