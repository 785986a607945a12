/** `lambdarium/jest`: the matchers in the types of `@types/jest` and of `@jest/globals`. Written by hand: jest is no dependency. */
import type { LambdariumMatchers } from "./matchers/matchers.js";

declare module "expect" {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends LambdariumMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends LambdariumMatchers<R> {}
  }
}
