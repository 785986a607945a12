/** Events and what a query makes of them, without a store. */
import { eventFields, type QueriedEvent } from "./event-fields.ts";
import { readQuery } from "./read-query.ts";
import { RunningQuery } from "./run-query.ts";

/** 08:00 UTC. */
export const morning = Date.UTC(2026, 10, 23, 8);

/** One a second, the first of them at 08:00:00. */
export const events = (messages: readonly string[]): readonly QueriedEvent[] =>
  messages.map((message, index) => ({
    id: index + 1,
    timestamp: morning + index * 1000,
    ingestionTime: morning + 60_000,
    message,
    logStream: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
    logGroup: "/aws/lambda/shop",
    accountId: "123456789012",
  }));

/** The rows of the result, each as an object, without pointers. */
export function asked(query: string, messages: readonly string[], limit?: number): readonly Record<string, string>[] {
  const running = new RunningQuery(readQuery(query), limit);
  for (const event of events(messages).toReversed()) if (!running.accept(eventFields(event))) break;
  running.end();
  return running.results.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== "@ptr").map(({ field, value }) => [field, value])),
  );
}
