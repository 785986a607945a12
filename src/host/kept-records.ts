/** Keeps everything an environment writes, logs, metrics, traces, in a directory, and sends it on to others. */
import { failure } from "../errors.ts";
import { forwardForms, type ForwardTarget, parseForwardTargets } from "../observability/forwarding/forward-target.ts";
import type { ObservabilityOptions } from "../observability/open-observability.ts";
import type { Sink } from "../observability/sinks.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { systemClock } from "./clock.ts";

export interface KeptRecords {
  readonly sinks: readonly Sink[];
  /** What was told before somebody listened, and what is told from now on. */
  readonly listen: (listener: (text: string) => void) => void;
  readonly close: () => Promise<void>;
}

/** At least one of the two. */
export interface Keeping {
  /** Where logs, metrics and traces are kept. */
  readonly directory?: string | undefined;
  /** Where else they go. */
  readonly forward?: readonly string[] | undefined;
}

/** Nothing where nothing is to be kept. @throws LambdariumError `store-unusable`, `aws-client-missing`, `invalid-setting` */
export async function keepRecords(
  { directory, forward = [] }: Keeping,
  { accountId, region }: HostedFunction,
): Promise<KeptRecords | undefined> {
  const targets = forwardTargets(forward);
  if (directory === undefined && targets.length === 0) return undefined;
  const early: string[] = [];
  let tell = (text: string): void => void early.push(text);
  const notice = (text: string): void => tell(text);
  const { sinks, close } =
    directory === undefined
      ? await forwardedOnly(targets, notice)
      : await kept({ directory, forward: targets, accountId, defaultRegion: region, notice });
  return {
    sinks,
    listen: (listener) => {
      for (const text of early.splice(0)) listener(text);
      tell = listener;
    },
    close,
  };
}

/** @throws LambdariumError `invalid-setting` */
function forwardTargets(texts: readonly string[]): readonly ForwardTarget[] {
  const targets = parseForwardTargets(texts);
  if (targets === undefined)
    throw failure("invalid-setting", {
      setting: "forward",
      value: texts,
      why: `each is ${forwardForms}`,
      isOurs: true,
    });
  return targets;
}

// Loaded when asked for: nobody else pays for the database, or for forwarding.
async function kept(options: Omit<ObservabilityOptions, "now">): Promise<Pick<KeptRecords, "sinks" | "close">> {
  const { openObservability } = await import("../observability/open-observability.ts");
  return openObservability({ ...options, now: systemClock.now });
}

async function forwardedOnly(
  targets: readonly ForwardTarget[],
  notice: (text: string) => void,
): Promise<Pick<KeptRecords, "sinks" | "close">> {
  const { openForwarding } = await import("../observability/forwarding/open-forwarding.ts");
  const { sink, close } = await openForwarding({ targets, notice });
  return { sinks: [sink], close };
}
