/** What is wrong with the arguments, in one line. */
import { ArgumentScannerError, formatMessageForArgumentScannerError } from "@stricli/core";
import { failureText } from "./failure-text.ts";

export function parseProblem(problem: unknown): string {
  if (!(problem instanceof ArgumentScannerError)) return failureText(problem).trimEnd();
  const message = formatMessageForArgumentScannerError(problem, {
    FlagNotFoundError: ({ input, corrections }) => {
      const meant = corrections.map((correction) => (correction.startsWith("--") ? correction : `--${correction}`));
      return `There is no option --${input.replace(/^--?/, "")}${meant.length === 0 ? "" : `; did you mean ${meant.join(" or ")}?`}`;
    },
    AliasNotFoundError: ({ input }) => `There is no option -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, input, exception }) =>
      `--${externalFlagNameOrPlaceholder} cannot be ${JSON.stringify(input)}: ${exception instanceof Error ? exception.message : String(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} cannot be ${JSON.stringify(input)}: it is ${values.join(" or ")}`,
    UnsatisfiedFlagError: ({ externalFlagName, nextFlagName }) =>
      `--${externalFlagName} needs a value${nextFlagName === undefined ? "" : `, and --${nextFlagName} follows`}`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} can be given once only`,
    UnexpectedPositionalError: ({ input }) =>
      `Unexpected argument ${JSON.stringify(input)}: there is one FUNCTION only`,
  });
  return `error: ${message.replace(/[.?]?$/, (end) => (end === "?" ? "?" : "."))}`;
}
