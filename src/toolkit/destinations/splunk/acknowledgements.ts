/** Indexer acknowledgement: a request counts when Splunk says that it has been indexed. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { SendResult } from "../destination.ts";
import type { HttpPost } from "../http/http-post.ts";
import { excerpt } from "../http/http-results.ts";
import { hecAnswer, judgeHec } from "./hec-results.ts";

interface AcknowledgedPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

const pollMs = 250;
/** An indexer that was restarted knows nothing of what it had taken: then it is sent again. */
const patienceMs = 300_000;

export function acknowledgements(post: HttpPost["post"]): { send(sent: AcknowledgedPost): Promise<SendResult> } {
  const channel = randomUUID();
  /** What was taken and not yet acknowledged: sent again, it is only asked for. */
  let open: { readonly body: string; readonly ackId: number; readonly since: number } | undefined;
  return {
    async send({ url, headers: given, body, signal }) {
      const headers = { ...given, "X-Splunk-Request-Channel": channel };
      if (open?.body !== body || Date.now() - open.since > patienceMs) {
        open = undefined;
        const answer = await post({ url, headers, body, signal });
        const { ackId } = hecAnswer(answer);
        // Without an id nothing says how much of a request was indexed: all of it is sent again.
        if (answer.status !== 200) return whole(judgeHec(answer, 0));
        if (ackId === undefined) return { kind: "delivered" };
        open = { body, ackId, since: Date.now() };
      }
      const result = await asked(
        new URL(`/services/collector/ack?channel=${channel}`, url),
        headers,
        open.ackId,
        signal,
      );
      if (result.kind === "delivered" || result.kind === "closed") open = undefined;
      return result;
    },
  };

  async function asked(
    url: URL,
    headers: AcknowledgedPost["headers"],
    ackId: number,
    signal: AbortSignal,
  ): Promise<SendResult> {
    for (;;) {
      const answer = await post({ url, headers, body: JSON.stringify({ acks: [ackId] }), signal });
      if (answer.status !== 200) return whole(judgeHec(answer, 0));
      if (/"acks"\s*:\s*\{/.exec(answer.text) === null)
        return { kind: "try later", reason: `the acknowledgement cannot be read${excerpt(answer.text)}` };
      const { acks } = JSON.parse(answer.text) as { readonly acks: Readonly<Record<string, boolean>> };
      if (acks[ackId] === true) return { kind: "delivered" };
      await wait(pollMs, undefined, { signal });
    }
  }
}

const whole = (result: SendResult): SendResult =>
  result.kind === "refused" ? { kind: "try later", reason: result.reason } : result;
