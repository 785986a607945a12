/** Datadog's logs intake, API v2: an array of logs. */
import { json, listOf, type WireFormat } from "../wire-format.ts";

export interface ReceivedDatadogLog {
  readonly message: unknown;
  readonly ddsource?: string;
  readonly ddtags?: string;
  readonly hostname?: string;
  readonly service?: string;
  readonly [attribute: string]: unknown;
}

export const datadog: WireFormat<ReceivedDatadogLog> = {
  variables: (url) => ({
    DD_API_KEY: "0".repeat(32),
    DD_URL: url,
    DD_DD_URL: url,
    DD_LOGS_CONFIG_LOGS_DD_URL: url,
    DD_LOGS_INTAKE_URL: `${url}/api/v2/logs`,
  }),
  read: ({ path, headers, body }) => {
    // An agent sends more than logs to the same address; what is no log is let pass.
    if (!/\/logs$|\/v1\/input/.test(path)) return { kind: "call", answer: json(202, {}) };
    if (headers["dd-api-key"] === undefined)
      return { kind: "unreadable", why: "no header DD-API-KEY", answer: errors(403, "Forbidden") };
    const records = listOf(JSON.parse(body.toString("utf8"))) as readonly ReceivedDatadogLog[];
    if (records.length > 1000 || body.length > 5_000_000) {
      const why = `${records.length} logs in ${body.length} bytes; 1,000 in 5 MB are allowed`;
      return { kind: "unreadable", why, answer: errors(413, "Payload Too Large") };
    }
    return {
      kind: "records",
      records,
      answer: (rejected) => (rejected.size === 0 ? json(202, {}) : errors(400, "Bad Request")),
    };
  },
  failure: (status, why) => errors(status, why),
};

const errors = (status: number, why: string) => json(status, { errors: [{ status: String(status), title: why }] });
