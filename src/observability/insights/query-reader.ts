/** The text of a query, read from left to right: what may come next depends on where one is. */
import { MalformedQuery } from "./query-syntax.ts";

export class QueryReader {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
    this.#skipSpace();
  }

  /** Offset of what comes next. */
  get at(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at >= this.text.length;
  }

  /** Reads a sign, such as `|` or `>=`. */
  skips(sign: string): boolean {
    if (!this.text.startsWith(sign, this.#at)) return false;
    this.#move(this.#at + sign.length);
    return true;
  }

  /** Reads one of these words, whatever their case. */
  skipsWord(...words: readonly string[]): string | undefined {
    const word = /\w+/y;
    word.lastIndex = this.#at;
    const found = word.exec(this.text)?.[0].toLowerCase();
    if (found === undefined || !words.includes(found)) return undefined;
    this.#move(this.#at + found.length);
    return found;
  }

  /** Reads what the sticky pattern matches. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.#move(this.#at + found[0].length);
    return found;
  }

  expect(sign: string): void {
    if (!this.skips(sign)) this.unexpected();
  }

  /** Back to an offset that was read before. */
  back(at: number): void {
    this.#at = at;
  }

  /** What was written from there until here, without space around it. */
  since(at: number): string {
    return this.text.slice(at, this.#at).replace(comments, "").trim();
  }

  /** Refuses what comes next. @throws MalformedQuery */
  unexpected(): never {
    const found = /\w+|\S|$/y;
    found.lastIndex = this.#at;
    const symbol = found.exec(this.text)?.[0] ?? "";
    const before = this.text.slice(0, this.#at).split("\n");
    const position = before.at(-1)?.length ?? 0;
    const what = symbol === "" ? "the query ends too early" : `unexpected symbol found ${symbol}`;
    this.#fail(`${what} at line ${before.length} and position ${position}`, this.#at, this.#at + symbol.length);
  }

  /** Refuses what was read since `from`. @throws MalformedQuery */
  refuse(message: string, from: number, to = from + this.since(from).length): never {
    this.#fail(message, from, to);
  }

  #fail(message: string, from: number, to: number): never {
    throw new MalformedQuery(message, from, to);
  }

  #move(to: number): void {
    this.#at = to;
    this.#skipSpace();
  }

  /** Comments go from `#` to the end of their line. */
  #skipSpace(): void {
    const space = /(?:\s+|#[^\n]*)*/y;
    space.lastIndex = this.#at;
    this.#at += space.exec(this.text)?.[0].length ?? 0;
  }
}

const comments = /#[^\n]*$/gm;
