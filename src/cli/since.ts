/** A time as people say it: so long ago, or a date. */

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Gives the time in epoch milliseconds once it is known what time it is now. @throws Error with what it is instead */
export function parseSince(input: string): (nowMs: number) => number {
  const [, count, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(input) ?? [];
  const lengthMs = unitMs[unit];
  if (count !== undefined && lengthMs !== undefined) return (nowMs) => nowMs - Number(count) * lengthMs;
  const date = /^\d{4}-\d{2}-\d{2}/.test(input) ? Date.parse(input) : NaN;
  if (Number.isNaN(date)) throw new Error("it is a length of time such as 30s, 5m, 2h, 1d, 1w, or a date");
  return () => date;
}
