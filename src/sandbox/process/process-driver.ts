/** The driver for every operating system: processes of the user's own, without isolation. */
import { tmpdir } from "node:os";
import type { SandboxDriver } from "../sandbox.ts";
import { processDriverCapabilities, processDriverNotice } from "./capabilities.ts";
import { findMkfifo } from "./output-pipes.ts";
import { ProcessSandbox } from "./process-sandbox.ts";

export interface ProcessDriverOptions {
  /** Directory in which environments have theirs; the system's directory for temporary files by default. */
  readonly workDirectory?: string;
  /**
   * Program that makes the pipes, found by itself by default; with `undefined`, or where there is none (Windows),
   * Node.js's own pipes are taken, which scripts cannot open as `/dev/stderr`.
   */
  readonly mkfifo?: string | undefined;
}

/** Makes the driver; nothing is started or written before the first sandbox. */
export function createProcessDriver(options: ProcessDriverOptions = {}): SandboxDriver {
  const mkfifo = "mkfifo" in options ? options.mkfifo : findMkfifo();
  return {
    name: "process",
    capabilities: processDriverCapabilities,
    notice: processDriverNotice(mkfifo !== undefined),
    create: async (spec) => ProcessSandbox.create(spec, options.workDirectory ?? tmpdir(), mkfifo),
  };
}
