/** What can be said of an environment. */
import type { FunctionSettings } from "../host/function-settings.ts";
import type { FakeDestination } from "./destinations/fake-destination.ts";

export interface EnvironmentOptions extends Omit<FunctionSettings, "function"> {
  /**
   * Directory, `.zip` archive or single source file; without it one of ours for Node.js, which does what its event says
   * (`StandInEvent`): `env.invoke({ log: "a line", waitMs: 50 })`.
   */
  readonly function?: string;
  /**
   * How processes are kept apart; default `process`, which costs a test next to nothing and isolates nothing, or `auto`
   * in strict mode. `auto` is the isolating sandbox where this machine can give all of it.
   */
  readonly sandbox?: "auto" | "process" | "linux";
  /** True refuses to start where any wall or limit of Lambda's would be less than enforced (ENV-153); default false. */
  readonly strict?: boolean;
  /**
   * Fake back ends (`createDestination`): the variables that lead to them are given to all processes, unless
   * `environmentVariables` has them; `expect(env).toHaveDelivered` looks into them, and `env.freezeFor` cuts their connections.
   */
  readonly destinations?: readonly FakeDestination[];
  /**
   * What programs reach; default `none`, with destinations `machine`. `auto`: the internet, where this machine has a way to it. `machine`: also the
   * servers on this machine's own loopback interface, at `machine.lambdarium.internal`.
   */
  readonly network?: "auto" | "machine" | "internet" | "none";
  /** CPU time of the first Init on demand: by memory size, the default, or two CPUs (ENV-89). */
  readonly initCpu?: "proportional" | "boost";
  /** True starts no extension, as the file that switches them off in `/opt` does (EXT-98); default false. */
  readonly extensionsOff?: boolean;
  /** False keeps the processes running between phases (LIFE-102); default true. */
  readonly freeze?: boolean;
  /**
   * `host:port` of a daemon of AWS's X-Ray that gets all segments too; default `AWS_XRAY_DAEMON_ADDRESS` of this process,
   * where it is set (OBS-85).
   */
  readonly xrayDaemon?: string;
  /** Milliseconds; default Lambda's limit, 10,000 on demand (LIFE-17, LIFE-20). */
  readonly initLimitMs?: number;
  /** False lets a streamed response pass as fast as it can (RT-56); default true, Lambda's rate (RT-55). */
  readonly limitStreamingRate?: boolean;
  /** True delivers telemetry also while the environment is frozen (DLV-65); default false, as Lambda does. */
  readonly deliverWhileFrozen?: boolean;
  /** Directory in whose `observability.db` logs, metrics and traces are kept beyond the environment; default: none. */
  readonly dataDirectory?: string;
  /**
   * Where logs, metrics and traces go too: `cloudwatch`, `cloudwatch-logs`, `cloudwatch-metrics`, `xray`, `otlp` or
   * `otlp=URL`; default nowhere. With `dataDirectory` what could not be sent survives.
   */
  readonly forward?: readonly string[];
}
