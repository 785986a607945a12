/** Lengths of time as a test writes them. */
import { failure } from "../errors.ts";
import { durationMs } from "../service/movable-clock.ts";

/**
 * Milliseconds of a number of them, or of a text such as `250ms`, `30s`, `5m`, `2h`.
 * @throws LambdariumError `invalid-setting`
 */
export function durationOf(setting: string, duration: number | string): number {
  const ms = typeof duration === "number" ? duration : durationMs(duration);
  if (ms === undefined || !(ms >= 0))
    throw failure("invalid-setting", { setting, value: duration, why: 'it is a number of ms or a text such as "5m"' });
  return ms;
}
