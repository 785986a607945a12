/** What became of each message of a request, from JetStream's acknowledgement or the failure to get one. */
import { reasonOf } from "../../extension-error.ts";
import type { SendResult } from "../destination.ts";

export type Fate =
  | { readonly fate: "stored" }
  | { readonly fate: "again"; readonly reason: string }
  | { readonly fate: "refused"; readonly reason: string }
  | { readonly fate: "closed"; readonly reason: string };

/** Of JetStream's own error codes (`err_code`), those that no other message would fare better with. */
const closedCodes = new Set([
  10_039, // JetStream is not enabled for the account
  10_060, // another stream takes the subject than the one that was expected
  10_109, // the stream is sealed
]);
/** Those that time mends: the stream or the account is full, no leader, no storage. */
const passingCodes = new Set([10_002, 10_008, 10_023, 10_028, 10_047, 10_077, 10_085, 10_120]);

export function fateOfAnswer(text: string): Fate {
  const { error } = answerIn(text);
  if (error === undefined) return { fate: "stored" };
  const { code = 500, err_code: own = 0, description = "" } = error;
  const reason = `${description} (${own || code})`;
  if (closedCodes.has(own)) return { fate: "closed", reason };
  if (passingCodes.has(own) || code >= 500 || code === 429) return { fate: "again", reason };
  return { fate: "refused", reason };
}

interface PublishAnswer {
  readonly stream?: string;
  readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string };
}

/** Somebody else may answer on a subject that no stream takes: then nothing is stored. */
function answerIn(text: string): PublishAnswer {
  try {
    const answer = JSON.parse(text) as PublishAnswer;
    if (answer.error !== undefined || typeof answer.stream === "string") return answer;
  } catch {
    // Not an acknowledgement either.
  }
  return { error: { code: 400, err_code: 10_039, description: `no stream answered, but: ${text.slice(0, 100)}` } };
}

/** By what the client throws; its classes are not loaded here, their names are part of its interface. */
export function fateOfFailure(thrown: unknown, subject: string): Fate {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : undefined;
  const names = new Set([nameOf(thrown), nameOf(cause)]);
  if (names.has("NoResponders"))
    return { fate: "again", reason: `no stream takes the subject ${subject}, or JetStream is not there` };
  if (names.has("PermissionViolationError")) return { fate: "closed", reason: reasonOf(cause ?? thrown) };
  if (names.has("InvalidSubjectError")) return { fate: "refused", reason: reasonOf(cause ?? thrown) };
  return { fate: "again", reason: reasonOf(cause ?? thrown) };
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : "");

export function resultOf(fates: readonly Fate[]): SendResult {
  const [first] = fates;
  if (first === undefined || fates.every(({ fate }) => fate === "stored")) return { kind: "delivered" };
  if (fates.every(({ fate }) => fate === "again") && first.fate === "again")
    return { kind: "try later", reason: first.reason };
  // What else was taken shows that the address and the key are right; it is left out when it comes again.
  const closed = fates.find((one) => one.fate === "closed");
  if (closed !== undefined) return { kind: "closed", reason: closed.reason };
  return {
    kind: "partly",
    failed: fates.flatMap((one, index) =>
      one.fate === "stored" || one.fate === "closed"
        ? []
        : [{ index, reason: one.reason, retry: one.fate === "again" }],
    ),
  };
}
