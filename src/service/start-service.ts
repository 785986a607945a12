/** Builds the parts of the service, wires them, starts and ends them in order; decides nothing. */
import { type FrontDoor, openFrontDoor } from "../aws-api/front-door.ts";
import { systemClock } from "../host/clock.ts";
import type { HostSettings } from "../host/hosted-function.ts";
import { daemonAddress } from "../host/traces.ts";
import { parseForwardTargets } from "../observability/forwarding/forward-target.ts";
import { openObservability } from "../observability/open-observability.ts";
import { openControlPlane } from "./control-plane.ts";
import { environmentNotices } from "./environment-notices.ts";
import type { InspectWish } from "./inspect/inspect-wish.ts";
import { InspectorDoor } from "./inspect/inspector-door.ts";
import { createInvoker } from "./invoker.ts";
import { lambdaApi, unknownOperation } from "./lambda-api.ts";
import { type LiveLine, liveLines } from "./live-lines.ts";
import { localApi } from "./local-api.ts";
import { MovableClock } from "./movable-clock.ts";
import { RunningService } from "./running-service.ts";
import type { ServiceSettings } from "./settings.ts";
import { meansFunctionUrl } from "./url-calls/function-url-api.ts";
import { stsApi } from "./sts-api.ts";
import { openWorkDirectory } from "./work-directory.ts";

type ServiceHost = Pick<HostSettings, "sandbox" | "strict" | "network" | "initCpu" | "freeze">;

export interface ServiceOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  readonly settings: ServiceSettings;
  readonly host: ServiceHost;
  /** MB that the memory sizes of all environments may come to; by default what this machine has, but for a rest. */
  readonly memoryLimitMb?: number;
  readonly inspect?: InspectWish;
  /** Daemon of AWS's X-Ray that gets all segments too (OBS-85); default `AWS_XRAY_DAEMON_ADDRESS` of this process. */
  readonly xrayDaemon?: string;
  /** Told every line that is written in an environment, and as text what the developer should know. */
  readonly tell: (line: LiveLine | string) => void;
}

/**
 * Serves Lambda, CloudWatch Logs, CloudWatch, X-Ray and what deployment tools ask of STS, on one port.
 * @throws LambdariumError `port-taken`, `listen-failed`, `data-directory-failed`, `store-unusable`, `disk-full`, `aws-client-missing`
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { settings, tell, xrayDaemon = process.env["AWS_XRAY_DAEMON_ADDRESS"] ?? "" } = options;
  const { dataDir, accountId, defaultRegion, forward = [] } = settings;
  const endings: (() => Promise<void>)[] = [];
  const ended = <T extends { close: () => Promise<void> }>(part: T): T => {
    endings.unshift(() => part.close());
    return part;
  };
  try {
    const clock = new MovableClock();
    const work = ended(await openWorkDirectory(dataDir));
    const controlPlane = ended(await openControlPlane({ settings, clock, tell }));
    const observability = ended(
      await openObservability({
        ...(dataDir === undefined ? {} : { directory: dataDir }),
        // What is kept has the times of what runs in environments.
        now: systemClock.now,
        accountId,
        defaultRegion,
        ...(xrayDaemon === "" ? {} : { xrayDaemon: daemonAddress(xrayDaemon) }),
        forward: parseForwardTargets(forward) ?? [],
        isWeighted: (functionArn) => controlPlane.isWeighted(functionArn),
        notice: tell,
      }),
    );
    const isFunction = (name: string): boolean =>
      controlPlane.directory.current(defaultRegion, name, "$LATEST") !== undefined;
    const inspector =
      options.inspect === undefined ? undefined : ended(await InspectorDoor.open(options.inspect, isFunction));
    const faulted = (cause: unknown): void => tell(`a defect of Lambdarium: ${traceOf(cause)}`);
    const invoker = await createInvoker({
      directory: controlPlane.directory,
      settings,
      clock,
      host: options.host,
      ...(inspector === undefined ? {} : { hostOf: inspector.hostOf }),
      made: environmentNotices(tell),
      sinks: [...observability.sinks, liveLines(tell)],
      metrics: observability.serviceMetrics,
      ...(options.memoryLimitMb === undefined ? {} : { maxMemoryMb: options.memoryLimitMb }),
      faulted,
    });
    controlPlane.usePools(invoker.pools);
    const door: FrontDoor = await openFrontDoor({
      port: options.port,
      apis: [
        ...invoker.apis,
        lambdaApi({ controlPlane, invocation: invoker.handlers }),
        localApi(controlPlane),
        ...observability.apis,
        stsApi({ accountId }),
      ],
      unclaimed: unknownOperation,
      openToPages: meansFunctionUrl,
      faulted,
    }).catch(async (error: unknown) => {
      await invoker.kill();
      throw error;
    });
    observability.servedAt(door.endpoint);
    return new RunningService({ door, controlPlane, invoker, clock, settings, inspector, work, endings });
  } catch (error) {
    for (const end of endings) await end();
    throw error;
  }
}

const traceOf = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
