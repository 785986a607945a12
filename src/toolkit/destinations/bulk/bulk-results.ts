/** What a bulk answer means for each of its documents. */
import type { FailedItem, SendResult } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { excerpt, resultOf } from "../http/http-results.ts";

interface BulkAnswer {
  readonly errors?: boolean;
  readonly items?: readonly Readonly<Record<string, BulkItem>>[];
}

interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

/** A document that was not taken, and whether it was for what is in it. */
export interface FailedDocument extends FailedItem {
  readonly unreadable: boolean;
}

export type BulkResult =
  | Exclude<SendResult, { kind: "partly" }>
  | { kind: "partly"; failed: readonly FailedDocument[] };

export function bulkResult(answer: HttpAnswer): BulkResult {
  if (answer.status !== 200) return resultOf(answer) as BulkResult;
  const said = bulkAnswer(answer);
  if (said === undefined) return { kind: "try later", reason: `the answer cannot be read${excerpt(answer.text)}` };
  if (said.errors !== true) return { kind: "delivered" };
  const items = (said.items ?? []).map((item) => Object.values(item)[0]);
  const failed = items.flatMap((item, index) => (item === undefined ? [] : failure(item, index)));
  if (failed.length === 0) return { kind: "delivered" };
  const [first] = failed;
  // No index, no right to write to it: that is not the documents' fault, and the same for all.
  const hopeless = items.every((item) => item !== undefined && (item.status === 403 || item.status === 404));
  return hopeless ? { kind: "closed", reason: first!.reason } : { kind: "partly", failed };
}

function failure({ status, error }: BulkItem, index: number): readonly FailedDocument[] {
  // There already, by an earlier attempt whose answer was lost.
  if (status < 300 || status === 409) return [];
  const reason = `status ${status}${excerpt(`${error?.type ?? ""} ${error?.reason ?? ""}`)}`;
  const unreadable = status === 400 || status === 413;
  return [{ index, reason, retry: !unreadable, unreadable }];
}

function bulkAnswer({ text }: HttpAnswer): BulkAnswer | undefined {
  try {
    const said = JSON.parse(text) as BulkAnswer | null;
    return said?.errors === undefined ? undefined : said;
  } catch {
    return undefined;
  }
}
