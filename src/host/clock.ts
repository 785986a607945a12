/** The one place that knows what time it is; tests may bring their own. */

export interface Clock {
  /** Milliseconds since the epoch, with fractions; never goes back. */
  readonly now: () => number;
  /** Calls back at that time, never before it; gives the way to call it off. */
  readonly at: (epochMs: number, callBack: () => void) => () => void;
}

/** Longest delay Node.js takes; a longer one is waited for in parts. */
const longestDelayMs = 2_147_483_647;

/** Asked for once: the getter is slower than the clock. */
const origin = performance.timeOrigin;

export const systemClock: Clock = {
  now: () => origin + performance.now(),
  at(epochMs, callBack) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = epochMs - systemClock.now();
      if (left <= 0) callBack();
      else timer = setTimeout(wait, Math.min(Math.ceil(left), longestDelayMs));
    };
    timer = setTimeout(wait, Math.min(Math.max(Math.ceil(epochMs - systemClock.now()), 0), longestDelayMs));
    return () => clearTimeout(timer);
  },
};
