/** Follows the records of one environment and says which segments they make (OBS-67 to OBS-76). */
import type { InitReport, RestoreReport, TelemetryRecord } from "../../protocol/telemetry-records.ts";
import type { EnvironmentIdentity } from "../sinks.ts";
import { type EarlierPhase, functionSegment, serviceSegment } from "./platform-segments.ts";
import type { SegmentDocument } from "./segment-document.ts";

export class EnvironmentTraces {
  readonly #identity: EnvironmentIdentity;
  #initStartedAt = 0;
  #restoreStartedAt = 0;
  /** What the next invocation shows; each is shown once (OBS-73). */
  #init: EarlierPhase | undefined;
  #restore: EarlierPhase | undefined;

  constructor(identity: EnvironmentIdentity) {
    this.#identity = identity;
  }

  /** What makes the segments that are complete with this record, whenever there is time for it; nothing for most. */
  accept(record: TelemetryRecord): (() => readonly SegmentDocument[]) | undefined {
    switch (record.type) {
      case "platform.initStart":
        this.#initStartedAt = record.time;
        return undefined;
      case "platform.initReport":
        this.#init = this.#shown(record) ? this.#phase("Initialization", this.#initStartedAt, record) : undefined;
        return undefined;
      case "platform.restoreStart":
        this.#restoreStartedAt = record.time;
        return undefined;
      case "platform.restoreReport":
        this.#restore = this.#phase("Restore", this.#restoreStartedAt, record);
        return undefined;
      case "platform.report": {
        const phases = [this.#init, this.#restore].filter((phase) => phase !== undefined);
        this.#init = undefined;
        this.#restore = undefined;
        const { traced } = record;
        if (traced === undefined) return undefined;
        const facts = { identity: this.#identity, report: record, traced, phases };
        return () => [serviceSegment(facts), functionSegment(facts)];
      }
      default:
        return undefined;
    }
  }

  /** OBS-73: not for provisioned or snapshot environments, but for an Init inside an invocation of theirs. */
  #shown({ phase, initializationType }: InitReport): boolean {
    return phase === "invoke" || initializationType === "on-demand";
  }

  #phase(
    name: EarlierPhase["name"],
    startedAt: number,
    { time, status }: { readonly time: number } & (InitReport | RestoreReport),
  ): EarlierPhase {
    return { name, startedAt, endedAt: time, failed: status !== "success" };
  }
}
