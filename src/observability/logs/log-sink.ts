/** Keeps the log of every environment in its stream (OBS-02, OBS-06, OBS-09, OBS-10). */
import type { Sink } from "../sinks.ts";
import type { Store } from "../store/open-store.ts";
import { eventOverheadBytes, logEvents } from "./log-events.ts";

export function logSink(store: Store, now: () => number): Sink {
  return {
    open: (identity) => {
      const { region, accountId, logGroup, logStream } = identity;
      const to = { region, accountId, logGroup, logStream };
      return {
        accept: (record) => {
          for (const { timestamp, message } of logEvents(record, identity)) {
            const row = { to, timestamp, ingestionTime: Math.floor(now()), message };
            store.insert("logs", [row], message.length + eventOverheadBytes);
          }
        },
        close: () => {},
      };
    },
    flush: () => store.flush(),
    close: () => store.flush(),
  };
}
