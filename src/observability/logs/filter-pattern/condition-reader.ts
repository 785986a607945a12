/** Reads conditions: `a && (b || c)`, with `&&` before `||`; the parts are the caller's. */
import { readQuoted, readRegex } from "./pattern-regex.ts";
import { InvalidFilterPattern } from "./pattern.ts";
import { numberOf, type Operand, type Operator } from "./value-test.ts";

export type Condition<Subject> = (subject: Subject) => boolean;

/** The guide: of a JSON or space-delimited pattern, whatever uses it. */
const mostRegexes = 2;

export class ConditionReader {
  readonly text: string;
  at = 0;
  #regexes = 0;

  constructor(text: string) {
    this.text = text;
  }

  or<Subject>(part: () => Condition<Subject>): Condition<Subject> {
    const parts = this.#separated("||", () => this.#and(part));
    return (subject) => parts.some((condition) => condition(subject));
  }

  #and<Subject>(part: () => Condition<Subject>): Condition<Subject> {
    const parts = this.#separated("&&", () => {
      if (!this.take("(")) return part();
      const inner = this.or(part);
      this.expect(")");
      return inner;
    });
    return (subject) => parts.every((condition) => condition(subject));
  }

  #separated<Part>(separator: string, read: () => Part): readonly Part[] {
    const parts = [read()];
    while (this.take(separator)) parts.push(read());
    return parts;
  }

  /** Whether `token` comes next, which is then behind us. */
  take(token: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.unexpected(token);
  }

  /** What matches at this place; `pattern` is sticky. */
  takeMatch(pattern: RegExp): string | undefined {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  operator(): Operator | undefined {
    return this.takeMatch(/!=|<=|>=|=|<|>/y) as Operator | undefined;
  }

  /** `bare` is what a value without quotes may consist of; sticky. */
  operand(bare: RegExp): Operand {
    if (this.take('"')) {
      const { value, end } = readQuoted(this.text, this.at);
      this.at = end;
      return { kind: "text", text: value, quoted: true };
    }
    if (this.take("%")) {
      const { regex, end } = readRegex(this.text, this.at);
      this.at = end;
      if (++this.#regexes > mostRegexes)
        throw new InvalidFilterPattern(
          `Invalid filter pattern: there are more than ${mostRegexes} regular expressions in it`,
        );
      return { kind: "regex", regex };
    }
    const text = this.takeMatch(bare);
    if (text === undefined || text === "") throw this.unexpected("a value");
    return { kind: "text", text, quoted: false };
  }

  /** For the relations that only numbers have. */
  checkOrder(operator: Operator, operand: Operand): void {
    const ordered = operator !== "=" && operator !== "!=";
    if (ordered && (operand.kind === "regex" || operand.quoted || numberOf(operand.text) === undefined))
      throw this.unexpected("a number");
  }

  unexpected(wanted: string): InvalidFilterPattern {
    const rest = this.text.slice(this.at, this.at + 20);
    return new InvalidFilterPattern(
      `Invalid filter pattern: expected ${wanted} at character ${this.at + 1}${rest === "" ? ", where it ends" : `, before ${JSON.stringify(rest)}`}`,
    );
  }

  skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }
}
