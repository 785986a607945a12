/** What happens when an error reaches nobody: it is posted as the error of Init or of the invocation, then we exit. */
import { headerSafe, reportOf, UnhandledPromiseRejection } from "./error-report.ts";
import type { FunctionConsole } from "./function-console.ts";
import type { RuntimeApi } from "./runtime-api.ts";

let currentInvocationId: string | undefined;
let ending = false;

/** A fatal error is being posted: nothing more may be asked of the platform. */
export function isEnding(): boolean {
  return ending;
}

/** From now on fatal errors are this invocation's, no longer Init's. */
export function fatalErrorsBelongTo(invocationId: string): void {
  currentInvocationId = invocationId;
}

/** Exit statuses 129 and 128 are those of AWS's runtime (ENV-117, ENV-118). */
export function onFatalError(api: RuntimeApi, log: FunctionConsole): void {
  const end = (title: string, error: unknown, exitStatus: number): void => {
    ending = true;
    log.logError(title, error);
    const report = reportOf(error);
    const body = JSON.stringify(report);
    const posted =
      currentInvocationId === undefined
        ? api.postLastError("init/error", { "Lambda-Runtime-Function-Error-Type": headerSafe(report.errorType) }, body)
        : api.postLastError(`invocation/${encodeURIComponent(currentInvocationId)}/error`, {}, body);
    void posted.then(() => process.exit(exitStatus));
  };
  process.on("uncaughtException", (error) => end("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason, promise) =>
    end("Unhandled Promise Rejection", new UnhandledPromiseRejection(reason, promise), 128),
  );
}
