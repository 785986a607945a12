/** What a filter pattern of any kind is once it is read. */

export interface FilterPattern {
  readonly matches: (message: string) => boolean;
  /** Text that every matching message contains, so that a store need not show all messages. */
  readonly needle?: Needle;
}

export interface Needle {
  readonly text: string;
  /** The message may have written characters of it as JSON escapes, `\u0041`. */
  readonly maybeEscaped: boolean;
}

/** The pattern is none of CloudWatch's. */
export class InvalidFilterPattern extends Error {
  override readonly name = "InvalidFilterPattern";
}
