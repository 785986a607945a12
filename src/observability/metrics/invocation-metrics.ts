/** The metrics of invocations, made from what the platform says of them (OBS-41 to OBS-47, OBS-49). */
import type { InitializationType, Report, TelemetryRecord } from "../../protocol/telemetry-records.ts";
import type { LambdaMeasurement, LambdaMetricName, MetricTarget } from "./lambda-metrics.ts";

export interface MeasuredEnvironment {
  readonly region: string;
  readonly functionName: string;
  readonly initializationType: InitializationType;
  /** Whether the alias that was called leads to several versions; default: none does. */
  readonly isWeighted?: (functionArn: string) => boolean;
}

/** Takes the records of one environment in order, and gives what each publishes. */
export class InvocationMetrics {
  readonly #environment: MeasuredEnvironment;
  #hasExtensions = false;
  #called: { readonly requestId: string; readonly at: number; readonly target: MetricTarget } | undefined;

  constructor(environment: MeasuredEnvironment) {
    this.#environment = environment;
  }

  accept(record: TelemetryRecord): LambdaMeasurement | undefined {
    switch (record.type) {
      case "platform.extension":
        this.#hasExtensions = true;
        return undefined;
      case "platform.start": {
        const { requestId, time, functionArn, version } = record;
        this.#called = { requestId, at: time, target: this.#targetOf(functionArn, version) };
        return undefined;
      }
      case "platform.report":
        return this.#measured(record);
      default:
        return undefined;
    }
  }

  #targetOf(functionArn: string, version: string): MetricTarget {
    const { region, functionName, isWeighted } = this.#environment;
    // arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]
    const qualifier = functionArn.split(":")[7];
    if (qualifier === undefined) return { region, functionName };
    const weighted = isWeighted?.(functionArn) === true;
    return { region, functionName, qualifier, ...(weighted ? { executedVersion: version } : {}) };
  }

  #measured(report: TelemetryRecord & Report): LambdaMeasurement {
    const { region, functionName } = this.#environment;
    const called = this.#called?.requestId === report.requestId ? this.#called : undefined;
    this.#called = undefined;
    const target = called?.target ?? { region, functionName };
    const at = called?.at ?? report.time - report.durationMs;
    return { target, at, values: this.#values(report) };
  }

  #values(report: Report): readonly (readonly [LambdaMetricName, number])[] {
    const overhead = report.spans.find(({ name }) => name === "extensionOverhead")?.durationMs ?? 0;
    const provisioned = this.#environment.initializationType === "provisioned-concurrency";
    return [
      ["Invocations", 1],
      ["Errors", report.status !== "success" || report.functionFailed === true ? 1 : 0],
      ["Duration", report.durationMs],
      ...(this.#hasExtensions ? [["PostRuntimeExtensionsDuration", overhead] as const] : []),
      ...(provisioned ? [["ProvisionedConcurrencyInvocations", 1] as const] : []),
    ];
  }
}
