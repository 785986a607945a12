/** The matchers as functions that throw, for `node:test` and every other test framework. */
import { AssertionError } from "node:assert";
import type { FakeDestination } from "../destinations/fake-destination.ts";
import type { Environment } from "../environment.ts";
import { type LambdariumMatchers, matchers } from "./matchers.ts";
import type { Verdict } from "./verdict.ts";

type Wanted<Name extends keyof LambdariumMatchers> = Parameters<LambdariumMatchers[Name]>;

/** As `toHaveDelivered`; `times: 0` claims that nothing of the kind was. @throws AssertionError */
export const assertDelivered = (of: Environment | FakeDestination, ...wanted: Wanted<"toHaveDelivered">): void =>
  hold(matchers.toHaveDelivered(of, ...wanted), assertDelivered);

/** As `toHaveRegistered`. @throws AssertionError */
export const assertRegistered = (environment: Environment, ...wanted: Wanted<"toHaveRegistered">): void =>
  hold(matchers.toHaveRegistered(environment, ...wanted), assertRegistered);

/** As `toHaveSubscribed`. @throws AssertionError */
export const assertSubscribed = (environment: Environment, ...wanted: Wanted<"toHaveSubscribed">): void =>
  hold(matchers.toHaveSubscribed(environment, ...wanted), assertSubscribed);

/** As `toHaveReported`. @throws AssertionError */
export const assertReported = (environment: Environment, ...wanted: Wanted<"toHaveReported">): void =>
  hold(matchers.toHaveReported(environment, ...wanted), assertReported);

/** As `toHavePhase`. @throws AssertionError */
export const assertPhase = (environment: Environment, ...wanted: Wanted<"toHavePhase">): void =>
  hold(matchers.toHavePhase(environment, ...wanted), assertPhase);

/** The stack begins where the test calls. */
function hold({ pass, message }: Verdict, stackStartFn: (...wanted: never[]) => void): void {
  if (!pass) throw new AssertionError({ message: message(), stackStartFn });
}
