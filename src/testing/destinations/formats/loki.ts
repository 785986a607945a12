/** Grafana Loki's push API, in JSON and in protobuf packed by Snappy: streams of labels, each with lines. */
import { type Message, readMessage } from "../protobuf-reader.ts";
import { unsnappy } from "../snappy.ts";
import type { WireFormat, WireRequest } from "../wire-format.ts";

export interface ReceivedLokiLine {
  readonly labels: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, in decimal. */
  readonly time: string;
  readonly line: string;
  /** Structured metadata; empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

export const loki: WireFormat<ReceivedLokiLine> = {
  variables: (url) => ({ LOKI_ADDR: url, LOKI_URL: url }),
  read: (request) => {
    if (request.path === "/ready") return { kind: "call", answer: { status: 200, body: "ready\n" } };
    const isJson = (request.headers["content-type"] ?? "").includes("json");
    const records = isJson ? linesOfJson(request) : linesOfProtobuf(request);
    if (records.some(({ time }) => typeof time !== "string")) {
      const why = "times are nanoseconds as a string";
      return { kind: "unreadable", why, answer: { status: 400, body: why } };
    }
    return {
      kind: "records",
      records,
      // What is in order is taken, and the whole is answered with 400: to send it again is of no use.
      answer: (rejected) =>
        rejected.size === 0 ? { status: 204 } : { status: 400, body: `${rejected.size} entries: entry too far behind` },
    };
  },
  failure: (status, why) => ({ status, headers: { "content-type": "text/plain" }, body: why }),
};

interface Push {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[];
  }[];
}

function linesOfJson({ body }: WireRequest): readonly ReceivedLokiLine[] {
  const { streams } = JSON.parse(body.toString("utf8")) as Push;
  return streams.flatMap(({ stream: labels, values }) =>
    values.map(([time, line, metadata = {}]) => ({ labels, time, line, metadata })),
  );
}

/** logproto.PushRequest. */
const pushRequest: Message = {
  1: ["streams", "messages", () => ({ 1: ["labels", "string"], 2: ["entries", "messages", () => entry] })],
};
const entry: Message = {
  1: ["timestamp", "message", () => ({ 1: ["seconds", "int64"], 2: ["nanos", "int32"] })],
  2: ["line", "string"],
  3: ["metadata", "messages", () => ({ 1: ["name", "string"], 2: ["value", "string"] })],
};

interface ProtobufPush {
  readonly streams?: readonly {
    readonly labels?: string;
    readonly entries?: readonly {
      readonly timestamp?: { readonly seconds?: string; readonly nanos?: number };
      readonly line?: string;
      readonly metadata?: readonly { readonly name?: string; readonly value?: string }[];
    }[];
  }[];
}

function linesOfProtobuf({ body }: WireRequest): readonly ReceivedLokiLine[] {
  const { streams = [] } = readMessage(unsnappy(body), pushRequest) as ProtobufPush;
  return streams.flatMap(({ labels = "", entries = [] }) =>
    entries.map(({ timestamp: { seconds = "0", nanos = 0 } = {}, line = "", metadata = [] }) => ({
      labels: labelsIn(labels),
      time: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
      line,
      metadata: Object.fromEntries(metadata.map(({ name = "", value = "" }) => [name, value])),
    })),
  );
}

/** `{app="a", job="b"}`, the values quoted as in JSON. */
const labelsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)\s*=\s*("(?:[^"\\]|\\.)*")/g)].map(([, name = "", value = ""]) => [
      name,
      JSON.parse(value) as string,
    ]),
  );
