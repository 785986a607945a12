/** Sends what the platform writes on to others: AWS's own services, and OTLP receivers. */
import path from "node:path";
import { type LambdaMeasurement } from "../metrics/lambda-metrics.ts";
import { InvocationMetrics } from "../metrics/invocation-metrics.ts";
import type { EnvironmentIdentity, EnvironmentSink, Sink } from "../sinks.ts";
import { connectToThread } from "../thread/thread-connection.ts";
import { checkAwsClient } from "./aws-clients.ts";
import type { Entry, ForwardingRequest, TargetEnd } from "./entries.ts";
import type { ForwarderData } from "./forwarder.ts";
import { type ForwardTarget, targetName } from "./forward-target.ts";
import { otlpSettings } from "./otlp-settings.ts";
import { Outbox } from "./outbox.ts";
import { leaveDirectory, type LeftDirectory, spoolDirectories } from "./spool-directories.ts";

export interface ForwardingOptions {
  readonly targets: readonly ForwardTarget[];
  /** Under it what is not sent yet survives; absent keeps it in memory, and the end loses it. */
  readonly directory?: string;
  /** Told what the developer should know: what is not taken, what is lost, what is left. */
  readonly notice?: (text: string) => void;
  /** Whether the alias with this ARN leads to several versions (OBS-42); default: none does. */
  readonly isWeighted?: (functionArn: string) => boolean;
  /** Milliseconds for sending what is left at the end; default 5000. */
  readonly endMs?: number;
}

export interface Forwarding {
  readonly sink: Sink;
  /** What only the Lambda service can tell. */
  readonly measured: (measurement: LambdaMeasurement) => void;
  /** Our own address, to which nothing is forwarded. */
  readonly servedAt: (endpoint: string) => void;
  /** Sends what there is time for, and says what is left. */
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `aws-client-missing`, `invalid-setting` */
export async function openForwarding(options: ForwardingOptions): Promise<Forwarding> {
  const { targets, notice = () => {}, endMs = 5000 } = options;
  for (const target of targets) check(target);
  const spools = targets.map((target) => ({ target, ...spoolOf(target, options.directory) }));
  const data: ForwarderData = {
    targets: spools.map(({ target, own, left }) => ({
      target,
      spools: own === undefined ? [] : [own, ...left.map((directory) => directory.path)],
    })),
  };
  const file = new URL("./forwarding-thread.js", import.meta.url);
  const thread = await connectToThread<ForwardingRequest>(file, data, notice);
  notice(`Logs, metrics and traces also go to ${targets.map(targetName).join(", ")}.`);
  for (const text of leftNotices(thread.opened as Left, spools)) notice(text);
  const outbox = new Outbox((entries) => thread.ask({ kind: "take", entries }), notice);
  const measured = (measurement: LambdaMeasurement): void => outbox.add({ kind: "measured", measurement }, entryBytes);
  const wantsMetrics = targets.some(({ to }) => to === "cloudwatch-metrics");
  let environments = 0;
  return {
    sink: {
      open: (identity) => {
        const metrics = wantsMetrics ? measurer(identity, options.isWeighted, measured) : undefined;
        return environmentSink(++environments, identity, outbox, metrics);
      },
      flush: () => outbox.flush(),
      close: () => outbox.flush(),
    },
    measured: (measurement) => {
      if (wantsMetrics) measured(measurement);
    },
    servedAt: (endpoint) => void thread.ask({ kind: "served at", endpoint }).catch(() => undefined),
    close: async () => {
      await outbox.close();
      const ends = await thread.ask({ kind: "end", withinMs: endMs }).catch((error: Error) => {
        notice(`Forwarding ended before its time: ${error.message} What was in the spool is sent at the next start.`);
        return [];
      });
      await thread.end();
      for (const { own, left } of spools)
        for (const directory of own === undefined ? [] : [own, ...left.map((each) => each.path)])
          leaveDirectory(directory);
      for (const text of (ends as readonly TargetEnd[]).flatMap((end) => endNotices(end, options.directory)))
        notice(text);
    },
  };
}

/** Before anything is started. */
function check(target: ForwardTarget): void {
  if (target.to === "otlp") otlpSettings(target.endpoint, process.env);
  else checkAwsClient(target.to);
}

interface Spool {
  readonly own: string | undefined;
  readonly left: readonly LeftDirectory[];
}

function spoolOf(target: ForwardTarget, directory: string | undefined): Spool {
  if (directory === undefined) return { own: undefined, left: [] };
  return spoolDirectories(path.join(directory, "forward", targetName(target).replaceAll(/[^\w.-]+/g, "_")));
}

/** About what an entry takes besides its text. */
const entryBytes = 512;

function environmentSink(
  environment: number,
  identity: EnvironmentIdentity,
  outbox: Outbox,
  metrics: EnvironmentSink["accept"] | undefined,
): EnvironmentSink {
  outbox.add({ kind: "opened", environment, identity }, entryBytes);
  return {
    accept: (record) => {
      outbox.add({ kind: "record", environment, record }, entryBytes + ("text" in record ? record.text.length : 0));
      metrics?.(record);
    },
    acceptSegment: (segment) =>
      outbox.add({ kind: "segment", environment, segment }, entryBytes + segment.document.length),
    close: () => outbox.add({ kind: "gone", environment } satisfies Entry, entryBytes),
  };
}

/** Here, since only this thread knows the aliases. */
function measurer(
  { region, functionName, initializationType }: EnvironmentIdentity,
  isWeighted: (functionArn: string) => boolean = () => false,
  measured: (measurement: LambdaMeasurement) => void,
): EnvironmentSink["accept"] {
  const metrics = new InvocationMetrics({ region, functionName, initializationType, isWeighted });
  return (record) => {
    const measurement = metrics.accept(record);
    if (measurement !== undefined) measured(measurement);
  };
}

type Left = readonly { readonly name: string; readonly records: number }[];

function leftNotices(left: Left, spools: readonly Spool[]): readonly string[] {
  return left.flatMap(({ name, records }, at) => {
    const killed = spools[at]?.left.some((directory) => directory.killed) === true;
    return [
      ...(killed
        ? [
            `Forwarding to ${name}: a run before this one was killed; what was written in its last second may be missing.`,
          ]
        : []),
      ...(records === 0 ? [] : [`Forwarding to ${name}: ${records} records that were left before are sent now.`]),
    ];
  });
}

function endNotices(
  { name, left, lost, dropped, droppedFor }: TargetEnd,
  directory: string | undefined,
): readonly string[] {
  const why = Object.entries(droppedFor).map(([reason, records]) => `${records} ${reason}`);
  const inTime = "records could not be sent in time";
  return [
    ...(dropped === 0 ? [] : [`Forwarding to ${name}: ${dropped} records were dropped: ${why.join(", ")}.`]),
    ...(lost === 0 ? [] : [`Forwarding to ${name}: ${lost} ${inTime}; they are lost.`]),
    ...(left === 0
      ? []
      : [
          `Forwarding to ${name}: ${left} ${inTime}; they are kept in ${directory} and sent at the next start with this target.`,
        ]),
  ];
}
