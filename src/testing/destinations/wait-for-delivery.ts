/** Waits for records of certain shapes, request by request. */
import { AssertionError } from "node:assert";
import { durationOf } from "../duration.ts";
import { type DeliveredOptions, deliveryProblem, fitting } from "../matchers/delivered.ts";
import { type Expected, shapesOf, short } from "../matchers/shape.ts";
import { fails } from "../matchers/verdict.ts";
import { destinationLines } from "../matchers/destination-lines.ts";
import type { FakeDestination } from "./fake-destination.ts";

export interface WaitOptions extends Omit<DeliveredOptions, "to"> {
  /** Milliseconds of real time or a text; default `10s`. */
  readonly within?: number | string;
}

export async function waitForDelivery(
  destination: Pick<FakeDestination, "received" | "requests" | "name" | "onReceived">,
  expected: Expected,
  { within = "10s", ...options }: WaitOptions,
): Promise<readonly unknown[]> {
  const shapes = shapesOf(expected);
  const problems = (): readonly string[] => deliveryProblem(destination.received, shapes, options);
  const limitMs = durationOf("within", within);
  if (problems().length > 0)
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(limit);
        stop();
        resolve();
      };
      const limit = setTimeout(done, limitMs);
      const stop = destination.onReceived(() => {
        if (problems().length === 0) done();
      });
    });
  const left = problems();
  if (left.length === 0) return fitting(destination.received, shapes);
  const what = `${destination.name} to receive ${shapes.map(short).join(", then ")} within ${within}`;
  throw new AssertionError({ message: fails(what, left, () => destinationLines(destination)).message() });
}
