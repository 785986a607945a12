/** The timeline as a text for snapshots: what happened, without what is another from run to run. */
import type { TimelineEntry } from "./timeline.ts";

export interface TimelineFormat {
  /** Only what these did: `platform`, `runtime`, names of extensions; phases are always there. Default: everybody. */
  readonly who?: readonly string[];
  /** True adds what Lambdarium itself had to say, which may be another on another machine; default false. */
  readonly notices?: boolean;
}

/**
 * A text that is the same in each run in which the same happened, for `toMatchSnapshot` and its like. Left out are times,
 * durations, sizes, ids, ports and temporary paths, and deliveries of telemetry, whose number and moments are chance. What
 * runs at once has an order of its own: phases, freezes and thaws divide the text and are in order of time; between two of
 * them the platform comes first, then the runtime, then the extensions by name, each with its lines in order of time.
 */
export function formatTimeline(
  { timeline }: { readonly timeline: readonly TimelineEntry[] },
  { who, notices = false }: TimelineFormat = {},
): string {
  const lines: string[] = [];
  let section: TimelineEntry[] = [];
  const endSection = (): void => {
    lines.push(...linesOf(section));
    section = [];
  };
  for (const entry of timeline) {
    if (isDivider(entry)) {
      endSection();
      lines.push(withoutNoise(entry.what));
    } else if (isTold(entry, who, notices)) section.push(entry);
  }
  endSection();
  return lines.join("\n");
}

const isDivider = ({ kind }: TimelineEntry): boolean => kind === "begin" || kind === "end" || kind === "mark";

function isTold({ kind, who, what }: TimelineEntry, wanted: TimelineFormat["who"], notices: boolean): boolean {
  if (kind === "notice") return notices;
  // A batch: another run has others, at other moments.
  if (/^gets [\d,]+ records?, /.test(what)) return false;
  return wanted === undefined || wanted.includes(who);
}

function linesOf(section: readonly TimelineEntry[]): readonly string[] {
  return [...section]
    .sort((a, b) => rank(a.who) - rank(b.who) || (a.who < b.who ? -1 : Number(a.who > b.who)))
    .map(({ kind, who, what }) => `  ${who}: ${withoutNoise(what)}${kind === "problem" ? " (!)" : ""}`);
}

const parties = ["platform", "runtime"];
const rank = (who: string): number => (parties.includes(who) ? parties.indexOf(who) : who === "lambdarium" ? 3 : 2);

const replacements: readonly (readonly [RegExp, string])[] = [
  [/, request \S+$/, ""],
  [/, billed [\d,.]+ ms/, ""],
  [/,? after [\d,.]+ ms/, ""],
  [/, [\d,]+ bytes?$/, ""],
  [/^[\d,]+ (telemetry records? dropped)/, "$1"],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "<id>"],
  [/\b[0-9a-f]{24,}\b/gi, "<id>"],
  [/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?/g, "<time>"],
  [/((?:localdomain|localhost|\d+\.\d+\.\d+\.\d+)):\d+/g, "$1:<port>"],
  // AWS's own paths are the same everywhere.
  [/(?<![\w:/])\/(?!opt\/|var\/|tmp\b|\d{4}-)[\w.@-]+(?:\/[\w.@<>-]+)+/g, "<path>"],
  [/\/tmp\/[\w.@/<>-]+/g, "<path>"],
];

const withoutNoise = (what: string): string =>
  replacements.reduce((text, [noise, instead]) => text.replace(noise, instead), what);
