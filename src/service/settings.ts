/** Settings of the service, each with its default (SVC-01). */

export interface ServiceSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly defaultRegion: string;
  /** Invocations at once, of all functions of a region. */
  readonly accountConcurrency: number;
  /** What reservations must leave over. */
  readonly unreservedMinimum: number;
  /** Environments on this machine, of all functions. */
  readonly maxEnvironments: number;
  /** How long a call waits for a place when `maxEnvironments` are busy. */
  readonly placementWaitMs: number;
  /** Idle time after which an environment is shut down. */
  readonly keepAliveMs: number;
  /** How long a deployment takes at least (SVC-83). */
  readonly deployDelayMs: number;
  /** Waits before the second and the third attempt of an asynchronous invocation. */
  readonly asyncRetryDelaysMs: readonly number[];
  /** SVC-252 */
  readonly enforcePolicies: boolean;
  /** SVC-164 */
  readonly streamErrorFields: boolean;
  /** Directory for everything that shall survive; nothing survives without it (SVC-22). */
  readonly dataDir?: string;
  /** Where logs, metrics and traces go too: `cloudwatch`, `xray`, `otlp=URL` and their like; nowhere without it. */
  readonly forward?: readonly string[];
  /** SVC-60 */
  readonly s3Endpoint?: string;
  /** Endpoints of `sqs`, `sns`, `events` and `s3` for records of destinations (SVC-191). */
  readonly serviceEndpoints: Readonly<Record<string, string>>;
  /** Layer version ARNs, each with a zip or a directory of this machine (SVC-126). */
  readonly layerSources: Readonly<Record<string, string>>;
}

export const defaultServiceSettings: ServiceSettings = {
  accountId: "000000000000",
  defaultRegion: "us-east-1",
  accountConcurrency: 1000,
  unreservedMinimum: 100,
  maxEnvironments: 64,
  placementWaitMs: 5000,
  keepAliveMs: 600_000,
  deployDelayMs: 0,
  asyncRetryDelaysMs: [60_000, 120_000],
  enforcePolicies: false,
  streamErrorFields: false,
  serviceEndpoints: {},
  layerSources: {},
};
