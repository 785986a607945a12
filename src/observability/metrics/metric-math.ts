/** Metric math carried out: over series of values by period, and plain numbers. */
import { type MathExpression, MathProblem } from "./metric-math-syntax.ts";
import type { Span } from "./periods.ts";

export interface Series {
  readonly span: Span;
  /** Values by the time their period begins. */
  readonly points: ReadonlyMap<number, number>;
}

type Value = number | string | Series | readonly Series[];

/** @throws MathProblem for an expression that means nothing. */
export function evaluateMath(
  id: string,
  expressions: ReadonlyMap<string, MathExpression>,
  measured: ReadonlyMap<string, Series>,
): Series {
  const under = new Set<string>();
  const seriesOf = (wanted: string): Series => {
    const known = measured.get(wanted);
    if (known !== undefined) return known;
    const expression = expressions.get(wanted);
    if (expression === undefined) throw new MathProblem(id, `there is no query ${wanted}`);
    if (under.has(wanted)) throw new MathProblem(id, `${wanted} is made of itself`);
    under.add(wanted);
    const value = valueOf(expression);
    under.delete(wanted);
    if (isSeries(value)) return value;
    // A number is there wherever what it is made of is.
    if (typeof value === "number") return mapped(joined([...measured.values()]), () => value);
    throw new MathProblem(id, "the expression must give one series of values");
  };
  const valueOf = (expression: MathExpression): Value => {
    switch (expression.kind) {
      case "number":
      case "text":
        return expression.value;
      case "id":
        return seriesOf(expression.id);
      case "call":
        if (expression.name === "METRICS") return metricsNamed(expression.inputs.map(valueOf)[0], measured);
        return call(id, expression.name, expression.inputs.map(valueOf));
      default:
        return expression satisfies never;
    }
  };
  return seriesOf(id);
}

const metricsNamed = (part: Value | undefined, measured: ReadonlyMap<string, Series>): readonly Series[] =>
  [...measured].filter(([id]) => typeof part !== "string" || id.includes(part)).map(([, series]) => series);

const isSeries = (value: Value | undefined): value is Series => typeof value === "object" && !Array.isArray(value);
const isMany = (value: Value | undefined): value is readonly Series[] => Array.isArray(value);

function call(id: string, name: string, inputs: readonly Value[]): Value {
  const [first, second, third] = inputs;
  const operator = operators[name];
  if (operator !== undefined) return combined(id, inputs, operator);
  if (name === "list") return inputs.flatMap((input) => (isSeries(input) ? [input] : isMany(input) ? input : []));
  if (name === "IF")
    return combined(id, [first ?? 0, second ?? 0, third ?? Number.NaN], (test, then, otherwise = Number.NaN) =>
      test === 0 ? otherwise : then,
    );
  if (name in summaries) return summary(id, first, summaries[name as keyof typeof summaries]);
  if (!isSeries(first)) throw new MathProblem(id, `${name} needs a series of values`);
  if (name === "PERIOD") return first.span.periodMs / 1000;
  if (name === "FILL") return filled(id, first, second);
  return changes(name, first);
}

const truth = (holds: boolean): number => (holds ? 1 : 0);
const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "==": (a, b) => truth(a === b),
  "!=": (a, b) => truth(a !== b),
  "<": (a, b) => truth(a < b),
  ">": (a, b) => truth(a > b),
  "<=": (a, b) => truth(a <= b),
  ">=": (a, b) => truth(a >= b),
  "&&": (a, b) => truth(a !== 0 && b !== 0),
  "||": (a, b) => truth(a !== 0 || b !== 0),
  negative: (a) => -a,
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

/** Number by number; between series where all have a value, and a value that is no number is left out. */
function combined(id: string, inputs: readonly Value[], of: (...numbers: [number, number, number?]) => number): Value {
  const many = inputs.find(isMany);
  if (many !== undefined)
    return many.map((series) => {
      const one = combined(
        id,
        inputs.map((input) => (input === many ? series : input)),
        of,
      );
      if (isSeries(one)) return one;
      throw new MathProblem(id, "series and numbers do not go together here");
    });
  const numberAt = (input: Value | undefined, at: number): number =>
    typeof input === "number" ? input : isSeries(input) ? (input.points.get(at) ?? Number.NaN) : Number.NaN;
  if (inputs.some((input) => typeof input === "string")) throw new MathProblem(id, "a text is no number");
  const series = inputs.filter(isSeries);
  const at = (time: number): number =>
    of(numberAt(inputs[0], time), numberAt(inputs[1], time), numberAt(inputs[2], time));
  return series.length === 0 ? at(0) : mapped(joined(series), (_, time) => at(time));
}

const mapped = ({ span, points }: Series, of: (value: number, at: number) => number): Series => ({
  span,
  points: new Map(
    [...points].map(([at, value]) => [at, of(value, at)] as const).filter(([, value]) => Number.isFinite(value)),
  ),
});

/** Every time any of them has. */
function joined(series: readonly Series[]): Series {
  const span = series[0]?.span ?? { fromMs: 0, toMs: 0, periodMs: 60_000 };
  return { span, points: new Map(series.flatMap(({ points }) => [...points])) };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]): number => total(values) / values.length;
const summaries = {
  SUM: total,
  AVG: mean,
  MIN: (values: readonly number[]) => Math.min(...values),
  MAX: (values: readonly number[]) => Math.max(...values),
  STDDEV: (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))),
};

/** Of one series a number; of several a series, time by time. */
function summary(id: string, input: Value | undefined, of: (values: readonly number[]) => number): Value {
  if (isSeries(input)) return of([...input.points.values()]);
  if (!isMany(input)) throw new MathProblem(id, "a summary needs series of values");
  return mapped(joined(input), (_, at) =>
    of(input.flatMap(({ points }) => (points.has(at) ? [points.get(at) ?? 0] : []))),
  );
}

function filled(id: string, { span, points }: Series, filler: Value | undefined): Series {
  if (typeof filler !== "number" && filler !== "REPEAT")
    throw new MathProblem(id, "FILL takes a number or REPEAT here");
  const all = new Map<number, number>();
  let last = typeof filler === "number" ? filler : undefined;
  for (let at = span.fromMs; at < span.toMs; at += span.periodMs) {
    const value = points.get(at) ?? last;
    if (filler === "REPEAT") last = value;
    if (value !== undefined) all.set(at, value);
  }
  return { span, points: all };
}

/** DIFF, RATE a second, RUNNING_SUM. */
function changes(name: string, { span, points }: Series): Series {
  const rising = [...points].toSorted(([a], [b]) => a - b);
  let sum = 0;
  const changed = rising.map(([at, value], index): readonly [number, number] => {
    const [atBefore, before] = rising[index - 1] ?? [Number.NaN, Number.NaN];
    sum += value;
    if (name === "RUNNING_SUM") return [at, sum];
    return [at, name === "DIFF" ? value - before : (value - before) / ((at - atBefore) / 1000)];
  });
  return mapped({ span, points: new Map(changed) }, (value) => value);
}
