/** What is left of a region's concurrency (SVC-197, SVC-204, SVC-214). */
import type { ServiceSettings } from "../settings.ts";
import type { FunctionRecord } from "../state/records.ts";

export const totalReserved = (records: readonly FunctionRecord[]): number =>
  records.reduce((sum, { reserved }) => sum + (reserved ?? 0), 0);

export const totalProvisioned = ({ provisioned }: FunctionRecord): number =>
  Object.values(provisioned).reduce((sum, { requested }) => sum + requested, 0);

/** Whether the functions, with what is set on them, leave less than the minimum to all the others. */
export function leavesTooLittle(
  records: readonly FunctionRecord[],
  { accountConcurrency, unreservedMinimum }: ServiceSettings,
): boolean {
  // A reservation covers the provisioned environments of its function.
  const taken = records.reduce((sum, record) => sum + (record.reserved ?? totalProvisioned(record)), 0);
  return accountConcurrency - taken < unreservedMinimum;
}

/** All functions, `changed` in the place of what it was. */
export const withChanged = (records: readonly FunctionRecord[], changed: FunctionRecord): readonly FunctionRecord[] =>
  records.map((record) => (record.name === changed.name ? changed : record));
