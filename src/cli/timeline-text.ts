/** The timeline as text: a picture of the phases, then what each party did; data in, lines out. */
import type { PhaseSnapshot } from "../testing/snapshot.ts";
import type { TimelineEntry } from "../testing/timeline.ts";
import { phaseLines } from "./phase-bars.ts";
import { painter, type Painter } from "./painter.ts";
import { wrapped } from "./wrapped.ts";

export interface Timeline {
  readonly title: string;
  readonly phases: readonly PhaseSnapshot[];
  readonly entries: readonly TimelineEntry[];
}

export interface TimelineShape {
  /** Of the terminal; without one lines are as long as they are. */
  readonly columns: number | undefined;
  readonly colour: boolean;
}

export function timelineLines({ title, phases, entries }: Timeline, { columns, colour }: TimelineShape): string[] {
  if (entries.length === 0) return [`${title}: nothing was started.`];
  const paint = painter(colour);
  const columnsOf = layout(entries);
  const sections = withoutTheUsual(sectionsOf(entries));
  return [
    paint.strong(title),
    "",
    ...phaseLines(phases, { columns: columns ?? 100, paint }),
    "",
    ...sections.flatMap((section) => section.flatMap((entry) => entryLines(entry, columnsOf, columns, paint))),
  ];
}

interface Layout {
  readonly time: number;
  readonly who: number;
}

/** A name of 64 characters would leave no room for what it did. */
const widestName = 24;

/** Not `Math.max(…)`: it takes some hundred thousand arguments and no more. */
function layout(entries: readonly TimelineEntry[]): Layout {
  let time = 0;
  let who = 0;
  for (const entry of entries) {
    time = Math.max(time, entry.atMs.toFixed(1).length);
    if (isInside(entry)) who = Math.max(who, entry.who.length);
  }
  return { time, who: Math.min(widestName, who) };
}

/** Lines of the life itself have no name before them. */
const isInside = ({ kind }: TimelineEntry): boolean => kind !== "begin" && kind !== "end" && kind !== "mark";

/** A phase and what happened in it; what happens between phases belongs to the one before. */
function sectionsOf(entries: readonly TimelineEntry[]): TimelineEntry[][] {
  const sections: TimelineEntry[][] = [];
  for (const entry of entries) {
    const last = sections.at(-1);
    if (last === undefined || entry.kind === "begin") sections.push([entry]);
    else last.push(entry);
  }
  return sections;
}

const fewest = 12;
const shownAtBeginning = 6;
const shownAtEnd = 3;

/** A thousand invocations that went well are shown by the first and the last of them. */
function withoutTheUsual(sections: readonly (readonly TimelineEntry[])[]): readonly (readonly TimelineEntry[])[] {
  const usual = sections.filter(isUsual);
  if (usual.length < fewest) return sections;
  const left = new Set(usual.slice(shownAtBeginning, -shownAtEnd));
  const first = usual[shownAtBeginning];
  return sections.flatMap((section) => {
    if (!left.has(section)) return [section];
    const atMs = section[0]?.atMs ?? 0;
    const what = `${left.size} invocations like these are not shown`;
    return section === first ? [[{ atMs, kind: "mark" as const, who: "lambdarium", what }]] : [];
  });
}

const isUsual = (section: readonly TimelineEntry[]): boolean =>
  section[0]?.kind === "begin" &&
  section[0].what.startsWith("Invoke ") &&
  section.every(({ kind }) => kind !== "problem" && kind !== "notice");

function entryLines(
  entry: TimelineEntry,
  { time, who }: Layout,
  columns: number | undefined,
  paint: Painter,
): string[] {
  const at = `${entry.atMs.toFixed(1).padStart(time)} ms  `;
  const name = !isInside(entry) ? "" : `  ${shortened(entry.who, who).padEnd(who)}  `;
  const indent = at.length + name.length;
  const [first = "", ...more] = wrapped(entry.what, columns === undefined ? undefined : columns - indent);
  const colour = colourOf(entry.kind, paint);
  return [`${paint.faint(at)}${name}${colour(first)}`, ...more.map((line) => " ".repeat(indent) + colour(line))];
}

const shortened = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

function colourOf(kind: TimelineEntry["kind"], paint: Painter): (text: string) => string {
  switch (kind) {
    case "begin":
      return paint.strong;
    case "end":
    case "mark":
      return paint.calm;
    case "problem":
      return paint.bad;
    case "notice":
      return paint.warning;
    case "delivery":
      return paint.telemetry;
    case "step":
      return paint.plain;
    default:
      return kind satisfies never;
  }
}
