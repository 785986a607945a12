/** What to do when the event loop has run empty while an invocation is still open (ENV-112 to ENV-114). */

const nothing = (): void => {};
let action = nothing;

process.on("beforeExit", () => {
  const due = action;
  action = nothing;
  due();
});

/** Replaces what was to be done before; it is done once. */
export function whenEventLoopIsEmpty(next: () => void): void {
  action = next;
}

export function forgetEventLoop(): void {
  action = nothing;
}
