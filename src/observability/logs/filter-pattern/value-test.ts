/** What JSON selectors and space-delimited fields are compared with: `= "text"`, `!= 4*`, `> 100`, `= %regex%`. */

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=";

export type Operand =
  | { readonly kind: "regex"; readonly regex: RegExp }
  /** As written; quoted text is no number. */
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean };

/** Whether a value, as text, stands in this relation to the operand. */
export function valueTest(operator: Operator, operand: Operand): (value: string) => boolean {
  if (operand.kind === "regex") {
    const { regex } = operand;
    return operator === "!=" ? (value) => !regex.test(value) : (value) => regex.test(value);
  }
  const number = operand.quoted ? undefined : numberOf(operand.text);
  if (operator !== "=" && operator !== "!=") return orderTest(operator, number ?? NaN);
  const equals = number === undefined ? textTest(operand.text) : equalNumber(number, operand.text);
  return operator === "=" ? equals : (value) => !equals(value);
}

/** An integer or decimal with an optional sign, or in scientific notation. */
export const numberOf = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;

const equalNumber = (number: number, text: string) => (value: string) => value === text || numberOf(value) === number;

/** Asterisks at the ends stand for any text; one in the middle stands for itself. */
function textTest(pattern: string): (value: string) => boolean {
  const [open, close] = [pattern.startsWith("*"), pattern.length > 1 && pattern.endsWith("*")];
  const text = pattern.slice(open ? 1 : 0, close ? -1 : undefined);
  if (open && close) return (value) => value.includes(text);
  if (open) return (value) => value.endsWith(text);
  return close ? (value) => value.startsWith(text) : (value) => value === text;
}

function orderTest(operator: Exclude<Operator, "=" | "!=">, number: number): (value: string) => boolean {
  const compare = {
    "<": (value: number) => value < number,
    "<=": (value: number) => value <= number,
    ">": (value: number) => value > number,
    ">=": (value: number) => value >= number,
  }[operator];
  return (text) => compare(numberOf(text) ?? NaN);
}
