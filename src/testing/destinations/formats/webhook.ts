/** Whatever takes JSON by POST or PUT: one array, lines, or a single value; anything else is taken as text. */
import { jsonOrText, linesOf, listOf, type WireFormat } from "../wire-format.ts";

export const webhook: WireFormat = {
  variables: (url) => ({ WEBHOOK_URL: url }),
  read: ({ method, headers, body }) => {
    const text = body.toString("utf8");
    if (method === "GET" || method === "HEAD") return { kind: "call", answer: { status: 200 } };
    return {
      kind: "records",
      records: /ndjson|jsonl|json-seq/.test(headers["content-type"] ?? "") ? linesOf(text) : listOf(wholeOrLines(text)),
      // All or nothing: a webhook has no words for a part.
      answer: (rejected) => (rejected.size === 0 ? { status: 200 } : { status: 400, body: "a record was rejected" }),
    };
  },
  failure: (status, why) => ({ status, headers: { "content-type": "text/plain" }, body: why }),
};

/** Many who write lines send them as `application/json` all the same. */
function wholeOrLines(text: string): unknown {
  const whole = jsonOrText(text);
  if (typeof whole !== "string" || !text.trimStart().startsWith("{")) return whole;
  return linesOf(text);
}
