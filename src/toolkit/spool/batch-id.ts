/**
 * The id of a batch in the spool: no other batch's, not even of another environment. The platform's own id will not do:
 * equal lines in two environments give equal ones (DLV-10).
 */
const newId = (now: number): string => `${now.toString(36)}-${Math.random().toString(36).slice(2, 13)}`;

const reportMark = "dropped-";

export const newBatchId = (now: number, isReport: boolean): string => `${isReport ? reportMark : ""}${newId(now)}`;

/** Whether the batch is the toolkit's own word on what was dropped. */
export const isReportBatch = (id: string): boolean => id.startsWith(reportMark);
