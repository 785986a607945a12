/** Reads JSON with the position of every fault, in the words and places of AWS's own parser (TEL-46). */

import { described, JsonFault, type JsonValue } from "./json-value.ts";

const maxDepth = 127;

const byteOf = (character: string): number => character.charCodeAt(0);
const quote = byteOf('"');
const backslash = byteOf("\\");
const lineFeed = byteOf("\n");
const whiteSpace = new Set([" ", "\t", "\r", "\n"].map(byteOf));
const [openBrace, closeBrace, openBracket, closeBracket] = [byteOf("{"), byteOf("}"), byteOf("["), byteOf("]")];
const [comma, colon] = [byteOf(","), byteOf(":")];
const words: ReadonlyMap<number, { readonly word: string; readonly value: JsonValue }> = new Map([
  [byteOf("n"), { word: "null", value: { kind: "null" } }],
  [byteOf("t"), { word: "true", value: { kind: "boolean", text: "true" } }],
  [byteOf("f"), { word: "false", value: { kind: "boolean", text: "false" } }],
]);
const numberForm = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/;
const numberCharacters = /^[-+.0-9eE]*/;

export class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #latin1: string;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // One character a byte, for searching by pattern; strings are decoded from the bytes.
    this.#latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }

  /** Fails at the last byte that was read. @throws JsonFault */
  fail(reason: string): never {
    throw new JsonFault(`${reason} at ${this.#position(this.#at)}`);
  }

  /** Fails at the byte that would be read next. @throws JsonFault */
  failAhead(reason: string): never {
    throw new JsonFault(`${reason} at ${this.#position(Math.min(this.#at + 1, this.#bytes.length))}`);
  }

  /** The next byte that is no white space, not yet read. */
  peek(): number | undefined {
    while (whiteSpace.has(this.#bytes[this.#at] ?? -1)) this.#at++;
    return this.#bytes[this.#at];
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== undefined) this.failAhead("trailing characters");
  }

  /** Reads an object; `member` must read the value of each. `what` names what should have been there. */
  object(what: string, member: (name: string) => void): void {
    this.#expect(openBrace, what);
    this.#enter();
    for (let first = true; ; first = false) {
      const next = this.peek();
      if (next === undefined) this.failAhead("EOF while parsing an object");
      if (next === closeBrace) break;
      if (!first) this.#separator("EOF while parsing an object", "expected `,` or `}`", closeBrace);
      if (this.peek() !== quote) this.failAhead("key must be a string");
      member(this.#string());
    }
    this.#leave();
  }

  /** Reads the colon after a member's name. A reader of `object` calls it, so that it can refuse the name before. */
  colon(): void {
    const next = this.peek();
    if (next === undefined) this.failAhead("EOF while parsing an object");
    if (next !== colon) this.failAhead("expected `:`");
    this.#at++;
  }

  /** Reads an array; `element` must read each value. */
  array(element: () => void): void {
    this.#expect(openBracket, "a sequence");
    this.#enter();
    for (let first = true; ; first = false) {
      const next = this.peek();
      if (next === undefined) this.failAhead("EOF while parsing a list");
      if (next === closeBracket) break;
      if (!first) this.#separator("EOF while parsing a list", "expected `,` or `]`", closeBracket);
      element();
    }
    this.#leave();
  }

  /** Whether `null` comes next; if so it is read. */
  skipsNull(): boolean {
    if (this.peek() !== byteOf("n")) return false;
    this.value();
    return true;
  }

  /** Reads any value. */
  value(): JsonValue {
    const next = this.peek();
    if (next === undefined) return this.failAhead("EOF while parsing a value");
    if (next === quote) return { kind: "string", text: this.#string() };
    if (next === openBrace) return this.#anyObject();
    if (next === openBracket) {
      this.array(() => this.value());
      return { kind: "array" };
    }
    const word = words.get(next);
    if (word !== undefined) return this.#word(word.word, word.value);
    return this.#number();
  }

  #anyObject(): JsonValue {
    const members = new Map<string, JsonValue>();
    const repeated: string[] = [];
    this.object("a map", (name) => {
      this.colon();
      if (members.has(name)) repeated.push(name);
      members.set(name, this.value());
    });
    return { kind: "object", members, repeated };
  }

  #expect(opening: number, what: string): void {
    if (this.peek() === opening) return;
    const found = this.value();
    this.fail(`invalid type: ${described(found)}, expected ${what}`);
  }

  #enter(): void {
    this.#at++;
    if (++this.#depth > maxDepth) this.fail("recursion limit exceeded");
  }

  #leave(): void {
    this.#at++;
    this.#depth--;
  }

  #separator(atEnd: string, otherwise: string, closing: number): void {
    if (this.peek() !== comma) this.failAhead(otherwise);
    this.#at++;
    const next = this.peek();
    if (next === undefined) this.failAhead(atEnd);
    if (next === closing) this.failAhead("trailing comma");
  }

  #word(word: string, value: JsonValue): JsonValue {
    for (const character of word) {
      if (this.#at >= this.#bytes.length) this.failAhead("EOF while parsing a value");
      this.#at++;
      if (this.#bytes[this.#at - 1] !== byteOf(character)) this.fail("expected ident");
    }
    return value;
  }

  #number(): JsonValue {
    // Longer ones are no number anybody means, and a copy of the whole body for each number is too much.
    const ahead = this.#latin1.slice(this.#at, this.#at + 1024);
    const characters = numberCharacters.exec(ahead)?.[0] ?? "";
    if (characters === "" || !/^[-0-9]/.test(characters)) this.failAhead("expected value");
    const text = numberForm.exec(characters)?.[0];
    this.#at += text?.length ?? characters.length;
    if (text !== characters) this.fail("invalid number");
    return { kind: "number", text };
  }

  #string(): string {
    const from = ++this.#at;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.fail("EOF while parsing a string");
      this.#at++;
      if (byte === quote) break;
      if (byte < 0x20) this.fail("control character (\\u0000-\\u001F) found while parsing a string");
      if (byte === backslash) this.#escape();
    }
    return this.#decode(this.#bytes.subarray(from, this.#at - 1));
  }

  #escape(): void {
    const kind = this.#bytes[this.#at];
    if (kind === undefined) this.fail("EOF while parsing a string");
    this.#at++;
    if (!'"\\/bfnrtu'.includes(String.fromCharCode(kind))) this.fail("invalid escape");
    if (kind !== byteOf("u")) return;
    for (let digit = 0; digit < 4; digit++) {
      if (this.#at >= this.#bytes.length) this.fail("EOF while parsing a string");
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#latin1.charAt(this.#at - 1))) this.fail("invalid escape");
    }
  }

  #decode(bytes: Uint8Array): string {
    let text = "";
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      this.fail("invalid unicode code point");
    }
    const value = JSON.parse(`"${text}"`) as string;
    if (/\p{Surrogate}/u.test(value)) this.fail("lone leading surrogate in hex escape");
    return value;
  }

  /** Lines are counted by LF from 1, columns by bytes; the first byte of a line is column 1. */
  #position(end: number): string {
    let line = 1;
    let start = 0;
    for (let at = this.#bytes.indexOf(lineFeed); at !== -1 && at < end; at = this.#bytes.indexOf(lineFeed, at + 1)) {
      line++;
      start = at + 1;
    }
    return `line ${line} column ${end - start}`;
  }
}
