/** What stands in for a destination whose settings are wrong: it keeps everything, sends nothing, and says why. */
import { type Destination, textItem, timeOf } from "./destination.ts";

export const misconfigured = (name: string, problem: string): Destination => ({
  name,
  problem,
  limits: { maxItems: 10_000, maxBytes: 1_000_000 },
  encode: (record) => [textItem("", timeOf(record))],
  send: async () => ({ kind: "closed", reason: problem }),
});
