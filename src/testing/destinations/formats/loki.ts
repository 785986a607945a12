/** Grafana Loki's push API in JSON: streams of labels, each with lines. */
import type { WireFormat } from "../wire-format.ts";

export interface ReceivedLokiLine {
  readonly labels: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, in decimal. */
  readonly time: string;
  readonly line: string;
  /** Structured metadata; empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface Push {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[];
  }[];
}

export const loki: WireFormat<ReceivedLokiLine> = {
  variables: (url) => ({ LOKI_ADDR: url, LOKI_URL: url }),
  read: ({ path, headers, body }) => {
    if (path === "/ready") return { kind: "call", answer: { status: 200, body: "ready\n" } };
    if (!(headers["content-type"] ?? "").includes("json")) {
      const why = "this fake of Loki reads JSON, not protobuf with snappy";
      return { kind: "unreadable", why, answer: { status: 415, body: why } };
    }
    const { streams } = JSON.parse(body.toString("utf8")) as Push;
    const times = streams.flatMap(({ values }) => values.map(([time]) => time));
    if (times.some((time) => typeof time !== "string")) {
      const why = "times are nanoseconds as a string";
      return { kind: "unreadable", why, answer: { status: 400, body: why } };
    }
    return {
      kind: "records",
      records: streams.flatMap(({ stream: labels, values }) =>
        values.map(([time, line, metadata = {}]) => ({ labels, time, line, metadata })),
      ),
      // What is in order is taken, and the whole is answered with 400: to send it again is of no use.
      answer: (rejected) =>
        rejected.size === 0 ? { status: 204 } : { status: 400, body: `${rejected.size} entries: entry too far behind` },
    };
  },
  failure: (status, why) => ({ status, headers: { "content-type": "text/plain" }, body: why }),
};
