/** Chance for identifiers, drawn from the system in advance: asking for it with each invocation takes longer than most of its steps. */
import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4096);
let used = pool.length;

/** So many lower-case hex digits, an even number; none is given twice. */
export function randomHex(digits: number): string {
  const bytes = digits / 2;
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
