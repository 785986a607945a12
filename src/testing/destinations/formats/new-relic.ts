/** New Relic's Log API: logs with attributes, and attributes they have in common. */
import { json, listOf, type WireFormat } from "../wire-format.ts";

export interface ReceivedNewRelicLog {
  readonly message: unknown;
  readonly timestamp?: number;
  /** Its own, and those it has in common with others of its request. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Log {
  readonly message?: unknown;
  readonly timestamp?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

interface Block {
  readonly common?: { readonly timestamp?: number; readonly attributes?: Readonly<Record<string, unknown>> };
  readonly logs: readonly Log[];
}

export const newRelic: WireFormat<ReceivedNewRelicLog> = {
  variables: (url) => ({
    NEW_RELIC_LICENSE_KEY: "0".repeat(40),
    NEW_RELIC_LOG_ENDPOINT: `${url}/log/v1`,
    NEW_RELIC_TELEMETRY_ENDPOINT: `${url}/aws/lambda/v1`,
  }),
  read: ({ path, headers, body }) => {
    if (!path.endsWith("/log/v1")) return { kind: "call", answer: json(202, { requestId }) };
    if (headers["api-key"] === undefined && headers["x-license-key"] === undefined)
      return { kind: "unreadable", why: "no header Api-Key", answer: json(403, {}) };
    if (body.length > 1_000_000)
      return { kind: "unreadable", why: `${body.length} bytes, 1 MB is allowed`, answer: json(413, {}) };
    const records = (listOf(JSON.parse(body.toString("utf8"))) as readonly (Block | Log)[]).flatMap((one) =>
      "logs" in one ? (one as Block).logs.map((log) => received(log, (one as Block).common)) : [received(one)],
    );
    return {
      kind: "records",
      records,
      answer: (rejected) => (rejected.size === 0 ? json(202, { requestId }) : json(400, {})),
    };
  },
  failure: (status, why) => json(status, { error: why }),
};

const requestId = "00000000-0000-4000-8000-000000000000";

function received(log: Log, common: Block["common"] = {}): ReceivedNewRelicLog {
  const { message, timestamp = common.timestamp, attributes, ...more } = log;
  return {
    message,
    ...(timestamp === undefined ? {} : { timestamp }),
    attributes: { ...common.attributes, ...more, ...attributes },
  };
}
