/** The words, texts and marks of a filter expression. */
import { InvalidRequest } from "./xray-operation.ts";

export interface FilterToken {
  readonly kind: "word" | "text" | "mark";
  /** A text without its quotation marks. */
  readonly text: string;
}

const forms =
  /\s*(?:"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<mark>!=|<=|>=|&&|\|\||[=<>!(){}[\]:,])|(?<word>[\w.\-$]+))/uy;

/** @throws InvalidRequest at the first character that belongs to none of them. */
export function filterTokens(expression: string): readonly FilterToken[] {
  const tokens: FilterToken[] = [];
  const text = expression.trimEnd();
  forms.lastIndex = 0;
  while (forms.lastIndex < text.length) {
    const { lastIndex } = forms;
    const { double, single, mark, word } = forms.exec(text)?.groups ?? {};
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replaceAll(/\\(.)/gu, "$1") });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else
      throw new InvalidRequest(
        `Invalid filter expression: what begins with "${text.slice(lastIndex, lastIndex + 20).trim()}" is not understood.`,
      );
  }
  return tokens;
}
