/** What the host asks for when processes shall be open to a debugger. */
import type { Clock } from "./clock.ts";
import { HeldClock, type Holdable } from "./held-clock.ts";

export interface Inspection {
  /** For one environment, before anything is launched in it. The clock is held while a debugger has stopped a process. */
  readonly open: (clock: Holdable) => Promise<InspectedEnvironment>;
}

export interface InspectedEnvironment {
  /** Port on 127.0.0.1 where the Node.js of the extension, or without a name that of the runtime, shall listen. */
  readonly portOf: (extensionName?: string) => number | undefined;
  readonly close: () => void;
}

/** With the clock that its environment lives by. */
export type Inspected = InspectedEnvironment & { readonly clock: Clock };

export async function startInspection(inspection: Inspection | undefined, clock: Clock): Promise<Inspected> {
  if (inspection === undefined) return { clock, portOf: () => undefined, close: () => {} };
  const held = new HeldClock(clock);
  return { clock: held, ...(await inspection.open(held)) };
}

/** Nothing of it is told on stderr, which is the function's log. */
export const inspectFlags = (port: number | undefined): readonly string[] =>
  port === undefined ? [] : [`--inspect=127.0.0.1:${port}`, "--inspect-publish-uid=http"];

/** For programs whose command line is not ours; launchers of bundled extensions drop `NODE_OPTIONS` and take the other. */
export function withInspectOption(variables: Record<string, string>, port: number | undefined): Record<string, string> {
  if (port === undefined) return variables;
  const flags = inspectFlags(port).join(" ");
  return {
    ...variables,
    NODE_OPTIONS: `${variables["NODE_OPTIONS"] ?? ""} ${flags}`.trim(),
    LAMBDARIUM_INSPECT: flags,
  };
}
