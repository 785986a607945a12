/** Expressions of Logs Insights carried out on the fields of one row. */
import { callFunction, areEqual } from "./functions.ts";
import { rounded } from "./periods.ts";
import type { Arithmetic, Comparison, Expression } from "./query-syntax.ts";
import { compared, isTrue, Moment, numberOf, textOf, type Value } from "./values.ts";

export interface Row {
  /** Epoch milliseconds of the event it comes from. */
  readonly at: number;
  readonly get: (name: string) => Value;
}

/** `aggregates`: the results of the functions of `stats`, by place. */
export function evaluate(expression: Expression, row: Row, aggregates: readonly Value[] = []): Value {
  const of = (part: Expression): Value => evaluate(part, row, aggregates);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "field":
      return row.get(expression.name);
    case "call":
      return callFunction(expression.name, expression.inputs.map(of));
    case "bin": {
      const epochMs = numberOf(of(expression.of));
      return epochMs === undefined ? undefined : new Moment(rounded(epochMs, expression.period, expression.up));
    }
    case "arithmetic":
      return calculated(expression.sign, numberOf(of(expression.left)), numberOf(of(expression.right)));
    case "comparison":
      return holds(expression.sign, of(expression.left), of(expression.right));
    case "and":
      return isTrue(of(expression.left)) && isTrue(of(expression.right));
    case "or":
      return isTrue(of(expression.left)) || isTrue(of(expression.right));
    case "not":
      return !isTrue(of(expression.of));
    case "like":
      return isLike(of(expression.of), expression.pattern, of);
    case "in": {
      const value = of(expression.of);
      return expression.list.some((item) => areEqual(value, of(item)));
    }
    case "aggregate":
      return aggregates[expression.place];
    default:
      return expression satisfies never;
  }
}

function calculated(sign: Arithmetic, left: number | undefined, right: number | undefined): Value {
  if (left === undefined || right === undefined) return undefined;
  const results = { "+": left + right, "-": left - right, "*": left * right, "/": left / right, "%": left % right };
  const result = sign === "^" ? left ** right : results[sign];
  return Number.isFinite(result) ? result : undefined;
}

/** What is missing equals nothing, and is different from everything. */
function holds(sign: Comparison, left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return sign === "!=";
  const order = compared(left, right);
  switch (sign) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return sign satisfies never;
  }
}

function isLike(value: Value, pattern: RegExp | Expression, of: (part: Expression) => Value): boolean {
  if (value === undefined) return false;
  return pattern instanceof RegExp ? pattern.test(textOf(value)) : textOf(value).includes(textOf(of(pattern)));
}
