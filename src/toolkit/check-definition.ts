/** Whether a definition makes sense, for whoever writes JavaScript or reads numbers from variables. */
import type { DeliverySettings } from "./delivery/delivery-settings.ts";
import type { ExtensionDefinition } from "./extension-definition.ts";
import { ExtensionError } from "./extension-error.ts";

/** @throws ExtensionError `bad-definition` */
export function checkDefinition({ kind, telemetry, deliver, ...others }: ExtensionDefinition): void {
  need("kind", kind, (value) => kinds.includes(value), kinds.join(" or "));
  need("telemetry.port", telemetry?.port, isPort, "a port up to 65535, 0 for any, but not 9001, Lambda's own");
  for (const hook of ["onInit", "onInvoke", "onTelemetry", "onShutdown", "onProblem"] as const)
    need(hook, others[hook], (value) => typeof value === "function", "a function");
  const deliveries: readonly DeliverySettings[] = deliver === undefined ? [] : [deliver].flat();
  for (const [at, one] of deliveries.entries())
    checkDelivery(deliveries.length === 1 ? "deliver" : `deliver[${at}]`, one);
}

const kinds: readonly unknown[] = ["external", "internal"];
const strategies: readonly unknown[] = ["end", "periodic", "continuous", "adaptive"];

function checkDelivery(where: string, settings: DeliverySettings): void {
  need(`${where}.to`, settings.to ?? "", isDestination, "a destination, such as webhook({ url })");
  need(`${where}.strategy`, settings.strategy, (value) => strategies.includes(value), strategies.join(", "));
  for (const name of ["intervalMs", "holdMs", "reserveMs"] as const)
    need(`${where}.${name}`, settings[name], isCount, "a number, 0 or more");
  for (const name of ["requestTimeoutMs", "flushBytes", "maxMemoryBytes"] as const)
    need(`${where}.${name}`, settings[name], isMore, "a number above 0");
  for (const name of ["select", "transform"] as const)
    need(`${where}.${name}`, settings[name], (value) => typeof value === "function", "a function");
  if (settings.spool === undefined || settings.spool === false) return;
  for (const name of ["maxBytes", "maxAgeMs"] as const)
    need(`${where}.spool.${name}`, settings.spool[name], isMore, "a number above 0");
}

function need(setting: string, value: unknown, holds: (value: unknown) => boolean, expected: string): void {
  if (value === undefined || holds(value)) return;
  const given =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? value : `a ${typeof value}`;
  throw new ExtensionError("bad-definition", `${setting} cannot be ${given}: it is ${expected}`);
}

const isCount = (value: unknown): boolean => typeof value === "number" && value >= 0;
const isMore = (value: unknown): boolean => isCount(value) && value !== 0;
const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536 && value !== 9001;

const isDestination = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "send" in value && "encode" in value && "limits" in value;
