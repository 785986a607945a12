/** The Extensions API as an extension uses it: register, next, and the two errors. */
import { ExtensionError, type ExtensionErrorCode } from "../extension-error.ts";
import type { FunctionFacts, LifecycleEvent } from "../lifecycle-events.ts";
import type { SandboxAnswer, SandboxCall } from "./sandbox-call.ts";

export interface Registration {
  readonly name: string;
  readonly identifier: string;
  readonly function: FunctionFacts;
}

const root = "/2020-01-01/extension";

/**
 * Registers under a name, which for an external extension is that of its file (EXT-09).
 * `sent` is called when the request is on its way.
 * @throws ExtensionError `registration-refused`
 */
export async function register(
  call: SandboxCall,
  name: string,
  events: readonly ("INVOKE" | "SHUTDOWN")[],
  sent: () => void = () => undefined,
): Promise<Registration> {
  const answer = await call({
    method: "POST",
    path: `${root}/register`,
    headers: { "Lambda-Extension-Name": name, "Lambda-Extension-Accept-Feature": "accountId" },
    body: JSON.stringify({ events }),
    sent,
  });
  const identifier = answer.headers["lambda-extension-identifier"];
  if (answer.status !== 200 || typeof identifier !== "string")
    throw refusal("registration-refused", `the registration of ${name}`, answer);
  return { name, identifier, function: JSON.parse(answer.text) as FunctionFacts };
}

/**
 * Waits for the next event, as long as it takes; the call says that the work on the last one is done.
 * @throws ExtensionError `next-refused`
 */
export async function nextEvent(call: SandboxCall, { identifier }: Registration): Promise<LifecycleEvent> {
  const answer = await call({
    method: "GET",
    path: `${root}/event/next`,
    headers: { "Lambda-Extension-Identifier": identifier },
  });
  if (answer.status !== 200) throw refusal("next-refused", "the call for the next event", answer);
  return JSON.parse(answer.text) as LifecycleEvent;
}

/** Says why the process is about to end: `init/error` before the first `next`, `exit/error` after it. Never fails. */
export async function reportError(
  call: SandboxCall,
  { identifier }: Registration,
  when: "init" | "exit",
  error: { readonly type: string; readonly message: string },
): Promise<void> {
  await call({
    method: "POST",
    path: `${root}/${when}/error`,
    headers: {
      "Lambda-Extension-Identifier": identifier,
      "Lambda-Extension-Function-Error-Type": error.type,
    },
    body: JSON.stringify({ errorMessage: error.message, errorType: error.type, stackTrace: [] }),
  }).catch(() => undefined);
}

/** The platform's refusal as an error of ours, with its own words. */
export function refusal(code: ExtensionErrorCode, what: string, answer: SandboxAnswer): ExtensionError {
  const { errorType, errorMessage } = bodyOf(answer.text);
  const why = errorType === undefined ? answer.text.trim() : `${errorType}: ${errorMessage ?? ""}`;
  return new ExtensionError(code, `${what} was refused with status ${answer.status}: ${why}`, {
    answer: { status: answer.status, ...(errorType === undefined ? {} : { errorType }) },
  });
}

function bodyOf(text: string): { readonly errorType?: string; readonly errorMessage?: string } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}
