/** What extensions cost: from the measurements of single environments to the figures of each memory size. */

/** One environment from its first invocation to its last; milliseconds. */
export interface Measurement {
  readonly memorySizeMb: number;
  readonly extensions: boolean;
  readonly coldStartMs: number;
  /** Absent when the Init phase failed. */
  readonly initDurationMs: number | undefined;
  readonly coldBilledDurationMs: number;
  readonly maxMemoryUsedMb: number;
  readonly functionErrors: number;
  /** Every invocation but the first. */
  readonly warm: readonly WarmInvocation[];
}

export interface WarmInvocation {
  /** Until the runtime was done. */
  readonly durationMs: number;
  /** EVT-64 */
  readonly extensionOverheadMs: number;
  readonly billedDurationMs: number;
}

/** `null` where there was nothing to measure. */
export interface Figures {
  readonly coldStartMs: number | null;
  readonly initDurationMs: number | null;
  readonly durationMs: number | null;
  readonly extensionOverheadMs: number | null;
  readonly maxMemoryUsedMb: number | null;
  readonly coldBilledDurationMs: number | null;
  readonly billedDurationMs: number | null;
}

export interface ComparedSize {
  readonly memorySizeMb: number;
  readonly without: Figures;
  readonly with: Figures;
  /** With less without. */
  readonly difference: Figures;
}

/** A memory size each, in the order they were measured first. */
export function comparison(measurements: readonly Measurement[]): readonly ComparedSize[] {
  const sizes = [...new Set(measurements.map(({ memorySizeMb }) => memorySizeMb))];
  return sizes.map((memorySizeMb) => {
    const figures = (extensions: boolean): Figures =>
      figuresOf(measurements.filter((one) => one.memorySizeMb === memorySizeMb && one.extensions === extensions));
    const [without, withThem] = [figures(false), figures(true)];
    return { memorySizeMb, without, with: withThem, difference: difference(without, withThem) };
  });
}

function figuresOf(measurements: readonly Measurement[]): Figures {
  const warm = measurements.flatMap((one) => one.warm);
  return {
    coldStartMs: median(measurements.map(({ coldStartMs }) => coldStartMs)),
    initDurationMs: median(measurements.flatMap(({ initDurationMs }) => initDurationMs ?? [])),
    durationMs: median(warm.map(({ durationMs }) => durationMs)),
    extensionOverheadMs: median(warm.map(({ extensionOverheadMs }) => extensionOverheadMs)),
    maxMemoryUsedMb: measurements.length === 0 ? null : Math.max(...measurements.map((one) => one.maxMemoryUsedMb)),
    coldBilledDurationMs: median(measurements.map(({ coldBilledDurationMs }) => coldBilledDurationMs)),
    billedDurationMs: median(warm.map(({ billedDurationMs }) => billedDurationMs)),
  };
}

function difference(without: Figures, withThem: Figures): Figures {
  const names = Object.keys(without) as (keyof Figures)[];
  return Object.fromEntries(names.map((name) => [name, less(withThem[name], without[name])])) as Record<
    keyof Figures,
    number | null
  >;
}

const less = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : rounded(one - other);

/** Whole microseconds: what is beyond them is the arithmetic's. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [lower, upper] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return lower === undefined || upper === undefined ? null : rounded((lower + upper) / 2);
}
