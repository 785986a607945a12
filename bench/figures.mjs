/** Numbers out of samples, and tables out of numbers. */

export function quantile(samples, share) {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (samples) => quantile(samples, 0.5);

/** The median of what each round gives: a machine that slows down slows both of a pair. */
export const medianOfPairs = (ones, others, combine) => median(ones.map((one, at) => combine(one, others[at])));

export const ratio = (one, other) => one / other;
export const difference = (one, other) => one - other;

/** Columns as wide as their widest cell; the first one is text, the others are numbers. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell ?? ""));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  const line = (row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("  ");
  return cells.map(line).join("\n");
}
