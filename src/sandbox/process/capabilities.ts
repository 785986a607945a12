/** What the process driver gives and does not give, in words for the user (ENV-151). */
import type { Capabilities, Enforcement } from "../sandbox.ts";
import { hasProcessGroups } from "./process-groups.ts";
import { hasProcessTable } from "./process-table.ts";

/** Says once, in one line, what this driver does not isolate, and whether scripts can open their outputs by name. */
export function processDriverNotice(outputsByName: boolean): string {
  return [
    "Functions and extensions run as ordinary processes of your user: no memory, CPU, /tmp or descriptor limits,",
    "no read-only file system, no network or process isolation; directories differ from /var/task and /opt.",
    ...(outputsByName ? [] : ["There is no mkfifo: scripts cannot open /dev/stdout and /dev/stderr."]),
  ].join(" ");
}

/** The features of ENV-151 on this machine. */
export const processDriverCapabilities: Capabilities = {
  "read-only file system": notEnforced("a process may write wherever your user may, its code and its layers included"),
  "/tmp size": notEnforced("/tmp is this machine's own, shared by all environments and not emptied"),
  "own pid space": notEnforced("processes see all processes of this machine, and have its process ids"),
  "own network": notEnforced("processes use this machine's network: two environments cannot open the same port"),
  user: notEnforced("processes run as your user, not as sbx_user1051"),
  "CPU share": notEnforced("processes use as much CPU time as they get"),
  "memory limit": notEnforced("the memory size is told to the function, but nothing holds it to it"),
  "descriptor limit": notEnforced("processes have the limit of this shell (`ulimit -n`), not 1,024"),
  "process limit": notEnforced("processes have the limit of this shell (`ulimit -u`), not 1,024"),
  freeze: freezeOnThisSystem(),
  "sandbox names": notEnforced("sandbox.localdomain is known to Lambdarium only: listen on 127.0.0.1 or 0.0.0.0"),
  snapshot: notEnforced("processes are not saved: every environment runs its own Init before its Restore"),
};

function freezeOnThisSystem(): Enforcement {
  if (!hasProcessGroups) {
    return notEnforced("this system cannot stop processes by a signal");
  }
  const reason = "processes are stopped by SIGSTOP, and can notice it by SIGCONT";
  return {
    level: "approximated",
    reason: hasProcessTable ? reason : `${reason}; those that left their process group go on running`,
  };
}

function notEnforced(reason: string): Enforcement {
  return { level: "not enforced", reason };
}
