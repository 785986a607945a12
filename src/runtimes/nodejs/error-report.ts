/** How errors look on the wire (ENV-115, ENV-116), in the log and to X-Ray. */

export interface ErrorReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

function runtimeError(name: string): new (message: string) => Error {
  const errorClass = class extends Error {
    override readonly name = `Runtime.${name}`;
  };
  // The log in JSON format shows the class's own name.
  return Object.defineProperty(errorClass, "name", { value: name });
}

export const HandlerNotFound = runtimeError("HandlerNotFound");
export const MalformedHandlerName = runtimeError("MalformedHandlerName");
export const ImportModuleError = runtimeError("ImportModuleError");
export const UserCodeSyntaxError = runtimeError("UserCodeSyntaxError");
export const CallbackHandlerDeprecated = runtimeError("CallbackHandlerDeprecated");
export const MalformedStreamingHandler = runtimeError("MalformedStreamingHandler");
export const InvalidStreamingOperation = runtimeError("InvalidStreamingOperation");
export const JSONStringifyError = runtimeError("JSONStringifyError");
export const NodeJsExit = runtimeError("NodeJsExit");

export class UnhandledPromiseRejection extends Error {
  override readonly name = "Runtime.UnhandledPromiseRejection";
  // Both are written to the log with the error's own members.
  readonly reason: unknown;
  readonly promise: unknown;

  constructor(reason: unknown, promise: unknown) {
    super(String(reason));
    this.reason = reason;
    this.promise = promise;
  }
}

/** What is posted for anything that can be thrown; errors of another realm (`vm`) count as errors too. */
export function reportOf(thrown: unknown): ErrorReport {
  try {
    if (looksLikeError(thrown)) {
      return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
    }
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  } catch {
    return {
      errorType: "handled",
      errorMessage:
        "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
      trace: [],
    };
  }
}

function looksLikeError(thrown: unknown): thrown is Error {
  if (thrown instanceof Error) return true;
  if (typeof thrown !== "object" || thrown === null) return false;
  const { name, message, stack } = thrown as Partial<Error>;
  return typeof name === "string" && typeof message === "string" && typeof stack === "string";
}

/** The text after the title in the log's error lines: a TAB and the error as JSON, its own members included. */
export function describeForLog(error: Error): string {
  try {
    return `\t${JSON.stringify(error, (_key, value: unknown) => (value instanceof Error ? withHiddenMembers(value) : value))}`;
  } catch {
    return `\t${JSON.stringify(reportOf(error))}`;
  }
}

function withHiddenMembers(error: Error): object {
  const { name, message, stack } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return Object.assign({ errorType: name, errorMessage: message, code }, error, { stack: stack?.split("\n") });
}

/** The header `Lambda-Runtime-Function-XRay-Error-Cause`; empty when the error has no such form. */
export function xrayCauseOf(thrown: unknown): string {
  if (!looksLikeError(thrown)) return "";
  const stack = (thrown.stack ?? "").split("\n").slice(1).map(stackFrame);
  const cause = {
    working_directory: process.cwd(),
    exceptions: [{ type: thrown.name, message: thrown.message, stack }],
    paths: [...new Set(stack.map(({ path }) => path))],
  };
  return headerSafe(JSON.stringify(cause));
}

/** `    at label (path:line:column)` or `    at path:line:column`. */
function stackFrame(line: string): { path: string; line: number; label: string } {
  const text = line.trim().replace(/^at /, "").replaceAll(/[()]/g, "");
  const space = text.lastIndexOf(" ");
  const [path = "", lineNumber = ""] = text.slice(space + 1).split(":");
  return { path, line: Number.parseInt(lineNumber, 10), label: space < 0 ? "anonymous" : text.slice(0, space) };
}

/** JSON text may hold what a header may not; as an escape it reads the same. */
export function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
