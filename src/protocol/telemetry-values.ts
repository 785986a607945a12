/** How times and durations are written in telemetry events and log lines. */
import type { EpochMs } from "./telemetry-records.ts";

const latestMs = 253_402_300_799_999;
const dayMs = 86_400_000;

let secondOfPrefix = -1;
let prefix = "";

/**
 * Writes a time as `YYYY-MM-DDTHH:MM:SS.mmmZ` (EVT-02), fractions of a millisecond cut off. Times outside the years
 * 1970 to 9999 are written as the nearer end: frames carry any number (CAP-24), and a time must not fail a batch.
 */
export function formatTime(time: EpochMs): string {
  const ms = Math.min(Math.max(0, Math.floor(time)), latestMs);
  const second = Math.floor(ms / 1000);
  // Lines come by the thousand in one second: all but the last digits are written once.
  if (second !== secondOfPrefix) {
    prefix = toSecond(second * 1000);
    secondOfPrefix = second;
  }
  return `${prefix}${digits(ms - second * 1000, 3)}Z`;
}

/** Up to and with the point before the milliseconds. The room knows no `Date`: days are counted (Gregorian calendar). */
function toSecond(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const seconds = Math.floor((ms - days * dayMs) / 1000);
  const { year, month, day } = civil(days);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hour, minute, second] = clock.map((part) => digits(part, 2));
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T${hour}:${minute}:${second}.`;
}

/** Years are counted from 1 March, so that the leap day is the last day of its year. */
function civil(daysSinceEpoch: number): { year: number; month: number; day: number } {
  const days = daysSinceEpoch + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

const digits = (value: number, width: number): string => String(value).padStart(width, "0");

// Binary fractions lie a hair beside the decimal ones they stand for; a ten-thousandth of a unit mends that and is far
// below the nanoseconds that are measured.
const hair = 1e-4;

/** A duration with at most three decimals, the rest cut off (EVT-07). */
export const toMicroseconds = (durationMs: number): number => Math.floor(Math.max(0, durationMs) * 1000 + hair) / 1000;

/** A duration rounded to at most two decimals (EVT-07), as every line of the Text format shows it too. */
export const toHundredths = (durationMs: number): number => Math.round(toMicroseconds(durationMs) * 100 + hair) / 100;
