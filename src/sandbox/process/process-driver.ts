/** The driver for every operating system: processes of the user's own, without isolation. */
import { tmpdir } from "node:os";
import type { SandboxDriver } from "../sandbox.ts";
import { processDriverCapabilities, processDriverNotice } from "./capabilities.ts";
import { ProcessSandbox } from "./process-sandbox.ts";

export interface ProcessDriverOptions {
  /** Directory in which environments have theirs; the system's directory for temporary files by default. */
  readonly workDirectory?: string;
}

/** Makes the driver; nothing is started or written before the first sandbox. */
export function createProcessDriver(options: ProcessDriverOptions = {}): SandboxDriver {
  return {
    name: "process",
    capabilities: processDriverCapabilities,
    notice: processDriverNotice,
    create: async (spec) => ProcessSandbox.create(spec, options.workDirectory ?? tmpdir()),
  };
}
