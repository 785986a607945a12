/** Lengths of time such as `5m`, and the times they divide into. */

export interface Period {
  readonly count: number;
  readonly unit: "ms" | "s" | "m" | "h" | "d" | "w" | "month";
}

const units: Readonly<Record<string, Period["unit"] | { readonly months: number }>> = {
  ...Object.fromEntries(["millisecond", "ms", "msec"].map((name) => [name, "ms"])),
  ...Object.fromEntries(["second", "s", "sec"].map((name) => [name, "s"])),
  ...Object.fromEntries(["minute", "m", "min"].map((name) => [name, "m"])),
  ...Object.fromEntries(["hour", "h", "hr"].map((name) => [name, "h"])),
  ...Object.fromEntries(["day", "d"].map((name) => [name, "d"])),
  ...Object.fromEntries(["week", "w"].map((name) => [name, "w"])),
  ...Object.fromEntries(["month", "mo", "mon"].map((name) => [name, { months: 1 }])),
  ...Object.fromEntries(["quarter", "q", "qtr"].map((name) => [name, { months: 3 }])),
  ...Object.fromEntries(["year", "y", "yr"].map((name) => [name, { months: 12 }])),
};

/** Nothing for a unit that is none; names of several letters have a plural. */
export function periodOf(count: number, unitName: string): Period | undefined {
  const name = unitName.toLowerCase();
  const unit = units[name] ?? (name.length > 2 && name.endsWith("s") ? units[name.slice(0, -1)] : undefined);
  if (unit === undefined || count <= 0) return undefined;
  return typeof unit === "string" ? { count, unit } : { count: count * unit.months, unit: "month" };
}

const lengthMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** When the period begins in which a time lies; `up`: when the next one does, for times between. Days and months are UTC's. */
export function rounded(epochMs: number, { count, unit }: Period, up: boolean): number {
  if (unit !== "month") {
    const length = count * lengthMs[unit];
    return (up ? Math.ceil : Math.floor)(epochMs / length) * length;
  }
  const date = new Date(epochMs);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const from = Math.floor(months / count) * count;
  const begins = firstOf(from);
  return up && begins < epochMs ? firstOf(from + count) : begins;
}

const firstOf = (months: number): number => Date.UTC(Math.floor(months / 12), months % 12);
