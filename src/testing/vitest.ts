/** `setupFiles: ["lambdarium/vitest"]`, or an import in a test file: `expect` of vitest gets the matchers. */
import { expect } from "vitest";
import { type LambdariumMatchers, matchers } from "./matchers/matchers.ts";

expect.extend(matchers);

declare module "vitest" {
  // The parameters have to be written as vitest has them.
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-empty-object-type, no-unused-vars
  interface Matchers<T = any> extends LambdariumMatchers {}
}
