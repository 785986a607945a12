/** What this machine offers: an interpreter for each runtime, and what each sandbox driver isolates (ENV-151). */
import { LambdariumError } from "../errors.ts";
import { findRuntime } from "../runtimes/find-runtime.ts";
import { runtimeIdentifiers } from "../runtimes/runtime-catalogue.ts";
import { chooseDriver } from "../sandbox/choose-driver.ts";
import { type Enforcement, type SandboxDriverName, type SandboxFeature, sandboxFeatures } from "../sandbox/sandbox.ts";

export interface RuntimeReport {
  readonly identifier: string;
  /** `nearest`: another version stands in, which is said at each run; `own` brings its interpreter with the function. */
  readonly status: "exact" | "nearest" | "missing" | "own";
  readonly interpreter?: { readonly file: string; readonly version: string };
  /** How to get the version that is missing. */
  readonly hint?: string;
}

export interface SandboxReport {
  readonly driver: SandboxDriverName;
  readonly available: boolean;
  /** Why it is not available, and what to do. */
  readonly hint?: string;
  readonly features: readonly ({ readonly feature: SandboxFeature } & Enforcement)[];
}

export interface MachineReport {
  /** `linux x64`, as Node.js names them. */
  readonly system: string;
  readonly runtimes: readonly RuntimeReport[];
  readonly sandboxes: readonly SandboxReport[];
  /** The driver `auto` stands for. */
  readonly auto: SandboxDriverName;
}

/**
 * Looks at the machine; changes nothing, and starts nothing but interpreters that are asked for their version and a
 * sandbox that is thrown away.
 */
export async function machineReport(): Promise<MachineReport> {
  return {
    system: `${process.platform} ${process.arch}`,
    runtimes: await Promise.all(runtimeIdentifiers.map(runtimeReport)),
    sandboxes: await Promise.all((["linux", "process"] as const).map(sandboxReport)),
    auto: (await chooseDriver("auto")).driver.name,
  };
}

async function runtimeReport(identifier: string): Promise<RuntimeReport> {
  try {
    const { interpreters, interpreterVersion, notice } = await findRuntime(identifier);
    const [interpreter] = interpreters;
    if (interpreter === undefined || interpreterVersion === undefined) return { identifier, status: "own" };
    const found = { file: interpreter.file, version: interpreterVersion };
    return notice === undefined
      ? { identifier, status: "exact", interpreter: found }
      : { identifier, status: "nearest", interpreter: found, hint: howToGet(notice) };
  } catch (error) {
    if (error instanceof LambdariumError && error.code === "interpreter-missing")
      return { identifier, status: "missing", hint: error.hint };
    throw error;
  }
}

/** The notice's last sentences say how. */
const howToGet = (notice: string): string => notice.slice(Math.max(0, notice.indexOf("Install ")));

async function sandboxReport(driver: SandboxDriverName): Promise<SandboxReport> {
  try {
    const { capabilities } = (await chooseDriver(driver)).driver;
    const features = sandboxFeatures.map((feature) => {
      const { level, reason } = capabilities[feature];
      return { feature, level, reason };
    });
    return { driver, available: true, features };
  } catch (error) {
    if (error instanceof LambdariumError && error.code === "sandbox-driver-unavailable")
      return { driver, available: false, hint: `${error.message} ${error.hint}`, features: [] };
    throw error;
  }
}
