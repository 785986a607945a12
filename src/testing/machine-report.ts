/** What this machine offers, for whoever asks before the first run. */
export { machineReport, type MachineReport, type RuntimeReport, type SandboxReport } from "../host/machine-report.ts";
