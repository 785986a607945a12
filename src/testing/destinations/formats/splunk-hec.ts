/** Splunk's HTTP Event Collector: JSON objects one after another, without an array around them; raw lines; acknowledgements. */
import { json, linesOf, type WireFormat, type WireRequest } from "../wire-format.ts";

export interface ReceivedSplunkEvent {
  readonly event: unknown;
  /** Seconds since the epoch. */
  readonly time?: number;
  readonly host?: string;
  readonly source?: string;
  readonly sourcetype?: string;
  readonly index?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export const splunkHec: WireFormat<ReceivedSplunkEvent> = {
  variables: (url) => ({ SPLUNK_HEC_URL: url, SPLUNK_HEC_TOKEN: "00000000-0000-0000-0000-000000000000" }),
  read: (request) => {
    const { path, headers, body } = request;
    if (path.endsWith("/health")) return { kind: "call", answer: json(200, { text: "HEC is healthy", code: 17 }) };
    if (path.endsWith("/ack")) return { kind: "call", answer: json(200, { acks: acknowledged(body) }) };
    if (!/^(Splunk|Basic|Bearer) /.test(headers["authorization"] ?? ""))
      return { kind: "unreadable", why: "no token", answer: json(401, { text: "Token is required", code: 2 }) };
    const records = path.includes("/raw")
      ? linesOf(body.toString("utf8")).map((event) => ({ event }))
      : valuesIn(body.toString("utf8")).map((value) => value as ReceivedSplunkEvent);
    const at = records.findIndex(({ event }) => event === undefined || event === "");
    if (at >= 0) {
      const answer = json(400, { text: "Event field is required", code: 12, "invalid-event-number": at });
      return { kind: "unreadable", why: `event ${at} has no field "event"`, answer };
    }
    return {
      kind: "records",
      records,
      answer: (rejected) =>
        rejected.size === 0
          ? json(200, { text: "Success", code: 0, ...acknowledgement(request) })
          : json(400, { text: "Invalid data format", code: 6, "invalid-event-number": Math.min(...rejected) }),
    };
  },
  failure: (status, why) => json(status, { text: status === 503 ? "Server is busy" : why, code: codes[status] ?? 8 }),
};

const codes: Readonly<Record<number, number>> = { 401: 2, 403: 4, 400: 6, 429: 26, 503: 9 };

/** With a channel named, each request gets a number that can be asked for. */
const acknowledgement = ({ headers, query }: WireRequest): { ackId?: number } =>
  headers["x-splunk-request-channel"] === undefined && query.get("channel") === null ? {} : { ackId: 0 };

const acknowledged = (body: Buffer): Record<string, boolean> => {
  const { acks = [] } = JSON.parse(body.toString("utf8")) as { acks?: readonly number[] };
  return Object.fromEntries(acks.map((id) => [String(id), true]));
};

/** Objects of JSON one after another, with anything or nothing between them. */
export function valuesIn(text: string): readonly unknown[] {
  const values: unknown[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") {
      if (depth === 0) start = at;
      depth += 1;
    } else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) values.push(JSON.parse(text.slice(start, at + 1)));
    }
  }
  if (depth !== 0 || quoted) throw new Error("the last object of JSON has no end");
  return values;
}
