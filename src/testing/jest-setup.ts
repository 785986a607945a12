/** `setupFilesAfterEnv: ["lambdarium/jest"]`, or an import in a test file: `expect` of jest gets the matchers. */
import { matchers } from "./matchers/matchers.ts";

interface Extendable {
  readonly extend: (more: typeof matchers) => void;
}

const { expect: ofGlobals } = globalThis as { expect?: Extendable };
// Not there when `injectGlobals` is off. A name that is computed asks nobody for a package that only jest has.
const globals = "@jest/globals";
const expect = ofGlobals ?? ((await import(globals)) as { expect: Extendable }).expect;

expect.extend(matchers);
