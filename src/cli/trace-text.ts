/** Traces for reading: a list with a line each, or one as a tree with bars. */
import type { Trace, TraceSegment } from "../service/stored-traces.ts";
import { type Painter, painter } from "./painter.ts";

interface Shape {
  /** Of the terminal; 100 without one. */
  readonly columns: number | undefined;
  readonly colour: boolean;
}

const narrowestBar = 10;
const widestBar = 60;

export function traceListLines(traces: readonly Trace[], { colour }: Shape): readonly string[] {
  if (traces.length === 0) return ["No traces. A function sends some when its tracing is active."];
  const paint = painter(colour);
  const rows = traces.map((trace) => ({
    trace,
    duration: `${trace.durationMs.toFixed(1)} ms`,
    how: howOf(trace.segments),
  }));
  const durationWidth = widest(rows.map(({ duration }) => duration));
  const howWidth = widest(rows.map(({ how }) => how));
  return rows.map(({ trace, duration, how }) => {
    const names = [...new Set(trace.roots.map(({ name }) => name))].join(", ");
    const count = trace.segments.length === 1 ? "1 segment" : `${trace.segments.length} segments`;
    const cells = [timeOf(trace), duration.padStart(durationWidth), how.padEnd(howWidth), names, paint.faint(count)];
    return `${paint.strong(trace.id)}  ${cells.join("  ")}`;
  });
}

export function traceLines(trace: Trace, { columns = 100, colour }: Shape): readonly string[] {
  const paint = painter(colour);
  const rows = trace.roots.flatMap((root) => rowsOf(root, 0));
  const titles = rows.map(({ title }) => title);
  const starts = rows.map(({ segment }) => `${(segment.startedAt - trace.startedAt).toFixed(1)} ms`);
  const durations = rows.map(({ segment }) => durationOf(segment));
  const hows = rows.map(({ segment }) => howOf([segment]));
  const widths = [titles, starts, durations, hows].map(widest) as [number, number, number, number];
  const room = Math.min(columns - widths.reduce((sum, width) => sum + width + 2, 2), widestBar);
  return [
    `Trace ${paint.strong(trace.id)}  ${timeOf(trace)}  ${trace.durationMs.toFixed(1)} ms`,
    ...rows.flatMap((row, index) => {
      const ink = inkOf(row.segment, paint);
      const cells = [
        (titles[index] ?? "").padEnd(widths[0]),
        (starts[index] ?? "").padStart(widths[1]),
        (durations[index] ?? "").padStart(widths[2]),
        ink((hows[index] ?? "").padEnd(widths[3])),
        ink(barOf(row.segment, trace, room)),
      ];
      return [`  ${cells.join("  ")}`.trimEnd(), ...detailsOf(row).map(paint.faint)];
    }),
  ];
}

interface Row {
  readonly segment: TraceSegment;
  readonly title: string;
  readonly depth: number;
}

const rowsOf = (segment: TraceSegment, depth: number): readonly Row[] => [
  {
    segment,
    depth,
    title: `${"  ".repeat(depth)}${segment.name}${segment.origin === undefined ? "" : ` (${segment.origin})`}`,
  },
  ...segment.children.flatMap((child) => rowsOf(child, depth + 1)),
];

/** What the program said about itself, below it. */
function detailsOf({ segment, depth }: Row): readonly string[] {
  const indent = " ".repeat(2 + 2 * (depth + 1));
  const annotations = Object.entries(segment.annotations).map(
    ([name, value]) => `${indent}${name} = ${JSON.stringify(value)}`,
  );
  return [...annotations, ...messagesOf(segment.document["cause"]).map((message) => `${indent}${message}`)];
}

function messagesOf(cause: unknown): readonly string[] {
  const { exceptions } = (cause ?? {}) as { exceptions?: unknown };
  if (!Array.isArray(exceptions)) return [];
  return (exceptions as ({ type?: unknown; message?: unknown } | null)[]).map((exception) =>
    [exception?.type, exception?.message].filter((part) => typeof part === "string" && part !== "").join(": "),
  );
}

const durationOf = ({ durationMs }: TraceSegment): string =>
  durationMs === undefined ? "…" : `${durationMs.toFixed(1)} ms`;

function howOf(segments: readonly TraceSegment[]): string {
  if (segments.some(({ fault }) => fault)) return "fault";
  if (segments.some(({ throttle }) => throttle)) return "throttle";
  if (segments.some(({ error }) => error)) return "error";
  return segments.some(({ durationMs }) => durationMs === undefined) ? "in progress" : "ok";
}

const inkOf = (segment: TraceSegment, paint: Painter): ((text: string) => string) =>
  segment.fault || segment.error || segment.throttle ? paint.bad : paint.calm;

/** Every segment is seen, however short it was. */
function barOf({ startedAt, durationMs = 0 }: TraceSegment, trace: Trace, width: number): string {
  if (width < narrowestBar || trace.durationMs <= 0) return "";
  const place = (ms: number): number => Math.round(((ms - trace.startedAt) / trace.durationMs) * width);
  const from = Math.min(place(startedAt), width - 1);
  const to = Math.max(place(startedAt + durationMs), from + 1);
  return " ".repeat(from) + "█".repeat(to - from);
}

const timeOf = ({ startedAt }: Trace): string => new Date(startedAt).toISOString();

const widest = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 0);
