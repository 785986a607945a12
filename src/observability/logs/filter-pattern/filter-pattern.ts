/**
 * CloudWatch's filter patterns, as FilterLogEvents, StartLiveTail and metric filters take them: terms, JSON selectors,
 * space-delimited fields (CloudWatch Logs User Guide, "Filter pattern syntax").
 */
import { jsonPattern } from "./json-pattern.ts";
import { spaceDelimitedPattern } from "./space-delimited-pattern.ts";
import type { FilterPattern } from "./pattern.ts";
import { termPattern } from "./term-pattern.ts";

/** @throws InvalidFilterPattern */
export function filterPattern(text: string): FilterPattern {
  const trimmed = text.trim();
  // `" "` is the documented way to match everything, and nothing does so too.
  if (trimmed === "" || /^"\s*"$/.test(trimmed)) return { matches: () => true };
  if (trimmed.startsWith("{")) return jsonPattern(trimmed);
  if (trimmed.startsWith("[")) return spaceDelimitedPattern(trimmed);
  return termPattern(trimmed);
}
