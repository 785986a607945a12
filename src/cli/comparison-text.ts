/** The comparison as an aligned table: data in, lines out. */
import type { ComparedSize, Figures } from "./comparison.ts";
import { painter } from "./painter.ts";

interface Column {
  readonly head: readonly [string, string];
  readonly figure: keyof Figures;
  readonly unit: "ms" | "MB";
}

const columns: readonly Column[] = [
  { head: ["cold", "start"], figure: "coldStartMs", unit: "ms" },
  { head: ["", "Init"], figure: "initDurationMs", unit: "ms" },
  { head: ["", "invocation"], figure: "durationMs", unit: "ms" },
  { head: ["after", "response"], figure: "extensionOverheadMs", unit: "ms" },
  { head: ["", "memory"], figure: "maxMemoryUsedMb", unit: "MB" },
  { head: ["billed,", "cold"], figure: "coldBilledDurationMs", unit: "ms" },
  { head: ["", "billed"], figure: "billedDurationMs", unit: "ms" },
];

export function comparisonLines(sizes: readonly ComparedSize[], { colour }: { readonly colour: boolean }): string[] {
  const paint = painter(colour);
  const heads = [0, 1].map((line) => ["", "", ...columns.map(({ head }) => head[line] ?? "")]);
  const groups = sizes.map((size) => [
    row(`${size.memorySizeMb} MB`, "without", size.without, plain),
    row("", "with", size.with, plain),
    row("", "difference", size.difference, signed),
  ]);
  const rows = [...heads, ...groups.flat()];
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 1 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    ...heads.map((cells) => paint.strong(line(cells))),
    ...groups.flatMap((group) => [
      "",
      ...group.map((cells, index) => (index === 2 ? paint.strong : paint.plain)(line(cells))),
    ]),
  ];
}

type Format = (value: number, unit: Column["unit"]) => string;

const row = (size: string, variant: string, figures: Figures, format: Format): readonly string[] => [
  size,
  variant,
  ...columns.map(({ figure, unit }) => {
    const value = figures[figure];
    return value === null ? "–" : format(value, unit);
  }),
];

const plain: Format = (value, unit) => `${value.toFixed(unit === "MB" ? 0 : 1)} ${unit}`;

/** A true minus is as wide as the plus. */
const signed: Format = (value, unit) => {
  const text = plain(Math.abs(value), unit);
  if (!/[1-9]/.test(text)) return text;
  return `${value > 0 ? "+" : "−"}${text}`;
};
