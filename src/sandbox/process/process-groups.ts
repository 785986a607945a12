/** Signals to process groups and processes, where somebody who is gone already is no error. */

/** Whether this system has process groups, and signals that stop and continue them. */
export const hasProcessGroups = process.platform !== "win32";

/** Sends to every process of the group; `false` when there is none. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  // The numbers 0 and 1 would mean our own group and every process of the machine.
  if (group <= 1) {
    return false;
  }
  // Without groups, only the process itself can be reached.
  return signalProcess(hasProcessGroups ? -group : group, signal);
}

/** Sends to one process; `false` when it is gone or not ours to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return Number.isInteger(pid) && pid !== 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}
