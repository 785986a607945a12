/** Metrics as aligned tables, one for each namespace and set of dimensions: data in, lines out. */
import type { MetricSummary } from "../service/stored-metrics.ts";
import { painter } from "./painter.ts";

const heads = ["", "sum", "average", "minimum", "p90", "maximum", ""];

export function metricLines(
  summaries: readonly MetricSummary[],
  { colour }: { readonly colour: boolean },
): readonly string[] {
  if (summaries.length === 0) return ["No metrics in that time."];
  const paint = painter(colour);
  const groups = grouped(summaries);
  const rows = [...groups.values()].flat().map(row);
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((cells) => Array.from(cells[index] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  return [...groups].flatMap(([title, metrics], index) => [
    ...(index === 0 ? [] : [""]),
    paint.strong(title),
    paint.faint(line(heads)),
    ...metrics.map((metric) =>
      (metric.name === "Errors" && metric.sum > 0 ? paint.bad : paint.plain)(line(row(metric))),
    ),
  ]);
}

function grouped(summaries: readonly MetricSummary[]): ReadonlyMap<string, readonly MetricSummary[]> {
  const groups = new Map<string, MetricSummary[]>();
  const regions = new Set(summaries.map(({ region }) => region));
  for (const metric of summaries) {
    const dimensions = Object.entries(metric.dimensions).map(([name, value]) => `${name}=${value}`);
    const title = [metric.namespace, ...dimensions, ...(regions.size > 1 ? [`in ${metric.region}`] : [])].join("  ");
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [metric]);
    else group.push(metric);
  }
  return groups;
}

/** The sum of durations means nothing to anybody. */
function row({ name, unit, sum, average, minimum, maximum, p90, trend }: MetricSummary): readonly string[] {
  const isCount = unit === "Count" || unit === "None";
  return [
    `  ${name}`,
    isCount ? figure(sum) : "",
    measure(average, unit),
    measure(minimum, unit),
    p90 === undefined ? "–" : measure(p90, unit),
    measure(maximum, unit),
    sparkline(trend),
  ];
}

const signs: Readonly<Record<string, string>> = {
  Count: "",
  None: "",
  Milliseconds: " ms",
  Seconds: " s",
  Microseconds: " µs",
  Percent: " %",
};

const measure = (value: number, unit: string): string => `${figure(value)}${signs[unit] ?? ` ${unit}`}`;

const figure = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

const bars = "▁▂▃▄▅▆▇█";

/** From nothing to the highest; a dot where nothing was measured. */
function sparkline(values: readonly (number | null)[]): string {
  const highest = Math.max(...values.map((value) => value ?? 0));
  const bar = (value: number): string => {
    const step = highest <= 0 ? 0 : Math.round((Math.max(value, 0) / highest) * (bars.length - 1));
    return bars.charAt(step);
  };
  return values.map((value) => (value === null ? "·" : bar(value))).join("");
}
