/** What a matcher has found, as `expect.extend` of vitest and jest wants it. */

export interface Verdict {
  readonly pass: boolean;
  /** Why it does not fit, or, when it fits, why it should not. */
  readonly message: () => string;
}

export const fits = (what: string): Verdict => ({ pass: true, message: () => `expected not: ${what}` });

/** The reasons are put together only when somebody reads them. */
export const fails = (what: string, problems: readonly string[], why: () => readonly string[] = () => []): Verdict => ({
  pass: false,
  message: () => [`expected: ${what}`, ...problems.map((problem) => `  ${problem}`), ...why()].join("\n"),
});

/** A heading with lines below it; nothing where there are none. */
export const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];

/** The last of many lines, and how many there were before. */
export const lastOf = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [`… ${lines.length - most} before`, ...lines.slice(-most)];
