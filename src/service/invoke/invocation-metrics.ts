/** What the service counts about invocations that no environment can know of (OBS-45, OBS-48 to OBS-50). */

export interface MetricTarget {
  readonly region: string;
  readonly functionName: string;
  /** Version or alias in the ARN that was called; absent when there was none. */
  readonly qualifier?: string;
}

/** Each call publishes; `at` in milliseconds since the epoch. */
export interface InvocationMetrics {
  /** Every request that could have been throttled, with whether it was. */
  readonly admitted: (target: MetricTarget, at: number, throttled: boolean) => void;
  /** An invocation on demand, because all provisioned environments were taken. */
  readonly spilledOver: (target: MetricTarget, at: number) => void;
  readonly accountConcurrency: (
    concurrency: {
      readonly region: string;
      readonly executions: number;
      readonly unreservedExecutions: number;
      readonly claimed: number;
    },
    at: number,
  ) => void;
  readonly functionConcurrency: (target: MetricTarget, executions: number, at: number) => void;
  readonly provisionedConcurrency: (target: MetricTarget, busy: number, provisioned: number, at: number) => void;
  readonly asyncEventReceived: (target: MetricTarget, at: number) => void;
  readonly asyncEventAge: (target: MetricTarget, ageMs: number, at: number) => void;
  readonly asyncEventDropped: (target: MetricTarget, at: number) => void;
  readonly deadLetterFailed: (target: MetricTarget, at: number) => void;
  readonly destinationFailed: (target: MetricTarget, at: number) => void;
}

const nothing = (): void => {};

export const noMetrics: InvocationMetrics = {
  admitted: nothing,
  spilledOver: nothing,
  accountConcurrency: nothing,
  functionConcurrency: nothing,
  provisionedConcurrency: nothing,
  asyncEventReceived: nothing,
  asyncEventAge: nothing,
  asyncEventDropped: nothing,
  deadLetterFailed: nothing,
  destinationFailed: nothing,
};
