/** The command line as the parser takes it. */

/** To the parser an option has a value or has none. The value of `--inspect` may be left out, and then what follows it is no value of it: `start --inspect my-project`. */
export function givenArguments(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => (arg === "--inspect" && (end < 0 || index < end) ? "--inspect=:9229" : arg));
}
