/** Where an environment departs from Lambda because it was asked to, or can do no better: a line each. */
import type { HostedFunction, HostSettings } from "./hosted-function.ts";

export function departures({ initializationType }: HostedFunction, settings: HostSettings): readonly string[] {
  return [
    // LIFE-102
    settings.freeze ? "" : "freeze: off. Processes keep running between phases; on Lambda they would be frozen.",
    // RT-56
    settings.limitStreamingRate
      ? ""
      : "streaming rate: unlimited. Lambda sends what follows the first 6 MiB of a response at 2 MiB a second.",
    // DLV-65
    settings.deliverWhileFrozen ? "telemetry while frozen: on. Lambda delivers none between phases." : "",
    // LIFE-129
    initializationType === "snap-start"
      ? "snapshot: emulated. Each environment runs its own Init before its Restore, so values made in Init differ."
      : "",
  ].filter((text) => text !== "");
}
