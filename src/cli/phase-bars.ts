/** The phases one under the other, each with a bar where it lies in the environment's life. */
import type { PhaseSnapshot } from "../testing/snapshot.ts";
import type { Painter } from "./painter.ts";

const most = 16;
const shownAtBeginning = 8;
const shownAtEnd = 5;
const narrowestBar = 10;
const widestBar = 60;

export function phaseLines(
  phases: readonly PhaseSnapshot[],
  { columns, paint }: { readonly columns: number; readonly paint: Painter },
): string[] {
  const rows = rowsOf(phases);
  if (rows.length === 0) return [];
  const widest = (text: (row: Row) => string): number => greatest(rows, (row) => text(row).length);
  const widths = {
    name: widest(({ name }) => name),
    start: widest(startOf),
    duration: widest(durationOf),
    how: widest(howOf),
  };
  const room = columns - (widths.name + widths.start + widths.duration + widths.how + 10);
  const bar = barOf(phases, room);
  const lines = rows.map((row) => {
    const ink = row.phase.status === "success" ? paint.calm : paint.bad;
    const cells = [
      row.name.padEnd(widths.name),
      startOf(row).padStart(widths.start),
      durationOf(row).padStart(widths.duration),
      howOf(row).padEnd(widths.how),
    ];
    return `  ${cells.join("  ")}  ${ink(bar(row.phase))}`.trimEnd();
  });
  const left = rows.length - shownAtBeginning - shownAtEnd;
  if (rows.length <= most) return lines;
  return [...lines.slice(0, shownAtBeginning), `  (${left} more)`, ...lines.slice(-shownAtEnd)];
}

/** Not `Math.max(…)`: it takes some hundred thousand arguments and no more. */
const greatest = <T>(all: readonly T[], measure: (one: T) => number): number =>
  all.reduce((most, one) => Math.max(most, measure(one)), 0);

interface Row {
  readonly name: string;
  readonly phase: PhaseSnapshot;
}

function rowsOf(phases: readonly PhaseSnapshot[]): readonly Row[] {
  let invocations = 0;
  return [...phases]
    .sort((a, b) => a.startMs - b.startMs)
    .map((phase) => {
      const name = phase.phase.charAt(0).toUpperCase() + phase.phase.slice(1);
      return { name: phase.phase === "invoke" ? `${name} ${++invocations}` : name, phase };
    });
}

const startOf = ({ phase }: Row): string => `${phase.startMs.toFixed(1)} ms`;
const durationOf = ({ phase }: Row): string => `${phase.durationMs.toFixed(1)} ms`;
const howOf = ({ phase: { status, errorType } }: Row): string =>
  errorType === undefined ? status : `${status} ${errorType}`;

/** Every phase is seen, however short it was. */
function barOf(phases: readonly PhaseSnapshot[], room: number): (phase: PhaseSnapshot) => string {
  const width = Math.min(room, widestBar);
  const end = greatest(phases, ({ startMs, durationMs }) => startMs + durationMs);
  if (width < narrowestBar || end <= 0) return () => "";
  return ({ startMs, durationMs }) => {
    const from = Math.min(Math.round((startMs / end) * width), width - 1);
    const to = Math.max(Math.round(((startMs + durationMs) / end) * width), from + 1);
    return " ".repeat(from) + "█".repeat(to - from);
  };
}
