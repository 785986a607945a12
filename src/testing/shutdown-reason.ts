/** Why the environment was shut down, as its extensions were told (LIFE-80: what is interrupted fails). */
import type { HistoryEntry } from "../host/history.ts";

export function shutdownReason(entries: readonly HistoryEntry[]): string | undefined {
  const index = entries.findLastIndex(
    ({ event }) => event.event === "shutdown requested" || event.event === "kill requested",
  );
  const wanted = entries[index]?.event;
  if (wanted === undefined) return undefined;
  for (const { effects } of entries.slice(index))
    for (const effect of effects)
      if (effect.effect === "answer call" && effect.outcome.kind === "shutdown event") return effect.outcome.reason;
  if (wanted.event !== "shutdown requested") return "failure";
  return wanted.interrupt && entries[index - 1]?.phase === "invoking" ? "failure" : wanted.reason;
}
