/** The metrics only the Lambda service knows of: throttling, concurrency and the asynchronous queue (OBS-45, OBS-48 to OBS-50). */
import type { LambdaMeasurement, LambdaMetricName, MetricTarget } from "./lambda-metrics.ts";

/** What a region's environments are doing; read with the statistic Maximum. */
interface AccountConcurrency {
  readonly region: string;
  readonly executions: number;
  /** Executions of functions without reserved concurrency. */
  readonly unreservedExecutions: number;
  /** Reserved, provisioned and unreserved executions together: what is no longer free. */
  readonly claimed: number;
}

/** Each call publishes; `at` in milliseconds since the epoch is when the request came. */
export interface ServiceMetrics {
  /** Every request that could have been throttled, with whether it was. */
  readonly admitted: (target: MetricTarget, at: number, throttled: boolean) => void;
  /** An invocation on demand, because all provisioned environments were taken. */
  readonly spilledOver: (target: MetricTarget, at: number) => void;
  readonly accountConcurrency: (concurrency: AccountConcurrency, at: number) => void;
  readonly functionConcurrency: (target: MetricTarget, executions: number, at: number) => void;
  readonly provisionedConcurrency: (target: MetricTarget, busy: number, provisioned: number, at: number) => void;
  readonly asyncEventReceived: (target: MetricTarget, at: number) => void;
  /** When an event is handed to the function, how long it waited. */
  readonly asyncEventAge: (target: MetricTarget, ageMs: number, at: number) => void;
  readonly asyncEventDropped: (target: MetricTarget, at: number) => void;
  readonly deadLetterFailed: (target: MetricTarget, at: number) => void;
  readonly destinationFailed: (target: MetricTarget, at: number) => void;
  readonly recursionStopped: (target: MetricTarget, at: number) => void;
}

export function serviceMetrics(publish: (measurement: LambdaMeasurement) => void): ServiceMetrics {
  const one =
    (name: LambdaMetricName) =>
    (target: MetricTarget, at: number): void =>
      publish({ target, at, values: [[name, 1]] });
  return {
    admitted: (target, at, throttled) => publish({ target, at, values: [["Throttles", throttled ? 1 : 0]] }),
    spilledOver: one("ProvisionedConcurrencySpilloverInvocations"),
    accountConcurrency: ({ region, executions, unreservedExecutions, claimed }, at) =>
      publish({
        target: { region, functionName: "" },
        at,
        only: "account",
        values: [
          ["ConcurrentExecutions", executions],
          ["UnreservedConcurrentExecutions", unreservedExecutions],
          ["ClaimedAccountConcurrency", claimed],
        ],
      }),
    functionConcurrency: (target, executions, at) =>
      publish({ target, at, only: "function", values: [["ConcurrentExecutions", executions]] }),
    provisionedConcurrency: (target, busy, provisioned, at) =>
      publish({
        target,
        at,
        only: "function",
        values: [
          ["ProvisionedConcurrentExecutions", busy],
          ["ProvisionedConcurrencyUtilization", provisioned === 0 ? 0 : busy / provisioned],
        ],
      }),
    asyncEventReceived: one("AsyncEventsReceived"),
    asyncEventAge: (target, ageMs, at) => publish({ target, at, values: [["AsyncEventAge", ageMs]] }),
    asyncEventDropped: one("AsyncEventsDropped"),
    deadLetterFailed: one("DeadLetterErrors"),
    destinationFailed: one("DestinationDeliveryFailures"),
    recursionStopped: one("RecursiveInvocationsDropped"),
  };
}
