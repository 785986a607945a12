/** What a line says of itself: its level, its time, its invocation, where it is written as Lambda's runtimes write. */

export interface LogLine {
  /** The text; for a line in JSON its `message`, or all of it. */
  readonly body: unknown;
  readonly level: string | undefined;
  readonly requestId: string | undefined;
  /** ISO 8601. */
  readonly time: string | undefined;
  /** What a line in JSON says beside. */
  readonly members: Readonly<Record<string, unknown>>;
}

export const logLine = (record: unknown): LogLine =>
  typeof record === "string" ? textLine(record) : objectLine(record as Readonly<Record<string, unknown>>);

/** Node.js writes `time TAB request id TAB LEVEL TAB text`, Python `[LEVEL] TAB time TAB request id TAB text`. */
function textLine(text: string): LogLine {
  const line = text.replace(/\n$/, "");
  const node = /^(\S+Z)\t([0-9a-f-]{36}|undefined)\t(\w+)\t/.exec(line);
  const python = node === null ? /^\[(\w+)\]\t(\S+Z)\t([0-9a-f-]{36})?\t/.exec(line) : null;
  const [time, requestId, level] =
    node !== null ? [node[1], node[2], node[3]] : python !== null ? [python[2], python[3], python[1]] : [];
  return {
    body: line,
    level,
    requestId: requestId === "undefined" ? undefined : requestId,
    time: time !== undefined && !Number.isNaN(Date.parse(time)) ? time : undefined,
    members: {},
  };
}

/** Log format JSON: `message` is the text, everything that is no member of every line becomes an attribute. */
function objectLine(record: Readonly<Record<string, unknown>>): LogLine {
  const { message, level, requestId, AWSRequestId, timestamp, ...members } = record;
  const invocation = [requestId, AWSRequestId].find((id): id is string => typeof id === "string");
  return {
    body: message ?? record,
    level: typeof level === "string" ? level : undefined,
    requestId: invocation,
    time: typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp)) ? timestamp : undefined,
    members: message === undefined ? {} : members,
  };
}
