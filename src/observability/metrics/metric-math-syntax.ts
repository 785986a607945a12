/** Metric math as a tree: numbers, ids of other queries, operators and functions. */

export type MathExpression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "call"; readonly name: string; readonly inputs: readonly MathExpression[] };

/** What CloudWatch would call an error in the expression, or what is not offered here. */
export class MathProblem extends Error {
  constructor(id: string, why: string) {
    super(`Error in expression '${id}' [${why}]`);
  }
}

/** Offered; operators are calls by their sign. */
const functions = new Set(
  "SUM AVG MIN MAX STDDEV ABS CEIL FLOOR LOG LOG10 FILL IF METRICS PERIOD DIFF RATE RUNNING_SUM".split(" "),
);

/** @throws MathProblem */
export function parseMath(id: string, text: string): MathExpression {
  if (/^\s*SELECT\b/i.test(text)) throw new MathProblem(id, "Metrics Insights queries are not supported here");
  const reader = new MathReader(id, text);
  const expression = reader.binary(0);
  if (reader.next !== undefined) throw new MathProblem(id, `unexpected ${reader.next}`);
  return expression;
}

/** From loose to tight. */
const levels: readonly (readonly string[])[] = [
  ["||", "OR"],
  ["&&", "AND"],
  ["==", "!=", "<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/"],
];
const aliases: Readonly<Record<string, string>> = { OR: "||", AND: "&&" };

class MathReader {
  readonly #id: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(id: string, text: string) {
    this.#id = id;
    const token = /\s*(\d+(?:\.\d+)?|\w+|"[^"]*"|'[^']*'|==|!=|<=|>=|&&|\|\||[-+*/^(),<>[\]])|\s*(\S)/g;
    this.#tokens = [...text.matchAll(token)].map(([, good, bad]) => {
      if (good === undefined) throw new MathProblem(id, `unexpected ${bad}`);
      return good;
    });
  }

  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  binary(level: number): MathExpression {
    const signs = levels[level];
    if (signs === undefined) return this.#power();
    let left = this.binary(level + 1);
    for (;;) {
      const sign = this.next;
      if (sign === undefined || !signs.includes(sign)) return left;
      this.#at++;
      left = { kind: "call", name: aliases[sign] ?? sign, inputs: [left, this.binary(level + 1)] };
    }
  }

  #power(): MathExpression {
    if (this.#skips("-")) return { kind: "call", name: "negative", inputs: [this.#power()] };
    const base = this.#operand();
    return this.#skips("^") ? { kind: "call", name: "^", inputs: [base, this.#power()] } : base;
  }

  #operand(): MathExpression {
    const token = this.next;
    this.#at++;
    if (token === undefined) throw new MathProblem(this.#id, "the expression ends too early");
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (/^["']/.test(token)) return { kind: "text", value: token.slice(1, -1) };
    if (token === "(") return this.#closed(")", this.binary(0));
    if (token === "[") return { kind: "call", name: "list", inputs: this.#inputs("]") };
    if (!/^\w/.test(token)) throw new MathProblem(this.#id, `unexpected ${token}`);
    if (this.#skips("(")) return this.#call(token);
    return /^[a-z]/.test(token) ? { kind: "id", id: token } : { kind: "text", value: token };
  }

  #call(name: string): MathExpression {
    if (!functions.has(name)) throw new MathProblem(this.#id, `the function ${name} is not supported here`);
    return { kind: "call", name, inputs: this.#inputs(")") };
  }

  #inputs(end: string): readonly MathExpression[] {
    const inputs: MathExpression[] = [];
    if (this.#skips(end)) return inputs;
    do inputs.push(this.binary(0));
    while (this.#skips(","));
    this.#closed(end, undefined);
    return inputs;
  }

  #closed<T>(end: string, value: T): T {
    if (!this.#skips(end)) throw new MathProblem(this.#id, `expected ${end}`);
    return value;
  }

  #skips(token: string): boolean {
    if (this.next !== token) return false;
    this.#at++;
    return true;
  }
}
