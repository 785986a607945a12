/** The program that a managed Node.js runtime starts: load the handler, then answer invocations until killed. */
import { answerInvocations } from "./answer-invocations.ts";
import { onFatalError } from "./fatal-errors.ts";
import { createConsole } from "./function-console.ts";
import { handlerMode } from "./handler-mode.ts";
import { loadHandler } from "./load-handler.ts";
import { resolveImportsByNodePath } from "./node-path-imports.ts";
import { connectRuntimeApi } from "./runtime-api.ts";
import { provideGlobals } from "./streaming-global.ts";

const { env } = process;
const log = createConsole();
const api = connectRuntimeApi(env["AWS_LAMBDA_RUNTIME_API"] ?? "");
onFatalError(api, log);
provideGlobals();
resolveImportsByNodePath(env["NODE_PATH"] ?? "", [env["LAMBDA_RUNTIME_DIR"], env["LAMBDA_TASK_ROOT"]]);

try {
  // Awaited at top level, so that a handler's module that can never finish loading ends with Node's own status 13.
  const handler = await loadHandler(env["LAMBDA_TASK_ROOT"] ?? process.cwd(), env["_HANDLER"] ?? "");
  await answerInvocations(api, handler, handlerMode(handler), log);
} catch (error) {
  // The way of every other failure of Init (ENV-108), customers' own listeners included.
  process.emit("uncaughtException", error as Error);
}
