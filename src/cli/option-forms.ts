/** The forms that options of several commands have. */

/** The help does not show placeholders beside the options, so the text begins with them. */
export const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, optional: true, brief: `${placeholder}: ${brief}`, placeholder }) as const;

export const list = (brief: string, placeholder: string) =>
  ({
    kind: "parsed",
    parse: String,
    optional: true,
    variadic: true,
    brief: `${placeholder}: ${brief}`,
    placeholder,
  }) as const;

export const forwardFlag = list(
  "where logs, metrics and traces go too: cloudwatch, cloudwatch-logs, cloudwatch-metrics, xray, otlp, otlp=URL; may be repeated",
  "TARGET",
);

/** `Number` would take "", "0x10" and "1e3". */
export const whole = (least: number, most: number, unit: string) => (input: string) => {
  const number = /^\d+$/.test(input) ? Number(input) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`it is a whole number${unit} from ${least} to ${most}`);
};
