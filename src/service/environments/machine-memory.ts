/** How much memory this machine has for environments. */
import { totalmem } from "node:os";

/** What is left to everything else: the service, the operating system, the developer's own programs. */
const spareMb = 1024;

/** MB; a control group's limit counts where there is one. */
export function machineMemoryMb(): number {
  const constrainedBytes = process.constrainedMemory() ?? 0;
  const bytes = constrainedBytes > 0 ? Math.min(constrainedBytes, totalmem()) : totalmem();
  const allMb = Math.floor(bytes / 1_048_576);
  return Math.max(allMb - spareMb, Math.floor(allMb / 2));
}
