/** What an answer of AWS means: by the name of its error, where it has one, and by its status. */
import type { FailedItem, SendResult } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { excerpt, resultOf, tryLater } from "../http/http-results.ts";

/** What some errors mean for one service. */
export type OwnErrors = Readonly<Record<string, "try later" | "refused" | "too large">>;

export function awsResult(answer: HttpAnswer, own: OwnErrors = {}): SendResult {
  const error = errorIn(answer);
  if (error === undefined) return resultOf(answer);
  const reason = `${error}${excerpt(messageIn(answer.text))}`;
  const kind = Object.hasOwn(own, error) ? own[error] : undefined;
  if (kind === "refused") return { kind, reason };
  if (kind === "too large" || answer.status === 413) return { kind: "too large" };
  if (kind === "try later" || isTransient(error) || answer.status >= 500 || answer.status === 429)
    return tryLater(answer, reason);
  // Keys, permissions, a name, a region that is not enabled: nothing that another try would change.
  return { kind: "closed", reason };
}

/** JSON services name it in the body or a header, behind a `#` or before a `:`; S3 in XML. */
export function errorIn({ status, headers, text }: HttpAnswer): string | undefined {
  if (status < 300) return undefined;
  const header = headers["x-amzn-errortype"];
  const named = /"__type"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? (typeof header === "string" ? header : undefined);
  return named?.split("#").at(-1)?.split(":")[0] ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
}

/** The sentence, out of JSON or XML; all of it where it is neither. */
function messageIn(text: string): string {
  const json = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/i.exec(text)?.[1];
  return json === undefined ? (/<Message>([^<]+)<\/Message>/.exec(text)?.[1] ?? text) : String(JSON.parse(json));
}

/** What AWS's own clients try again, whichever service said it. */
export const isTransient = (error: string): boolean => transient.has(error) || /throttl/i.test(error);

const transient = new Set([
  "BandwidthLimitExceeded",
  "InternalError",
  "InternalFailure",
  "InternalFailureException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "SlowDown",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

/** As Firehose and Kinesis answer for each record, in the order of the request. */
export interface RecordAnswer {
  readonly ErrorCode?: string | null;
  readonly ErrorMessage?: string | null;
}

/** They name nothing but throttling and failures of their own for a record: each is sent again, and no other. */
export function failedRecords(answers: readonly RecordAnswer[]): SendResult {
  const failed = answers.flatMap(({ ErrorCode, ErrorMessage }, index): FailedItem[] =>
    ErrorCode === undefined || ErrorCode === null
      ? []
      : [{ index, reason: `${ErrorCode}${excerpt(ErrorMessage ?? "")}`, retry: true }],
  );
  return failed.length === 0 ? { kind: "delivered" } : { kind: "partly", failed };
}
