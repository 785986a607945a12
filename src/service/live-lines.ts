/** The logs of all environments while they are written: a sink for terminals. */
import { type LogLine, logLinesOf } from "../host/log-lines.ts";
import type { Sink } from "../observability/sinks.ts";

export interface LiveLine extends LogLine {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly logStream: string;
}

export const liveLines = (tell: (line: LiveLine) => void): Sink => ({
  open: ({ functionName, functionVersion, logStream, logFormat }) => ({
    accept(record) {
      for (const line of logLinesOf(record, logFormat)) tell({ ...line, functionName, functionVersion, logStream });
    },
    close() {},
  }),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
