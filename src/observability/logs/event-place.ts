/** Where a log event stands: by time, and among those of one time by ingestion (FilterLogEvents, GetLogEvents). */

export interface EventPlace {
  readonly timestamp: number;
  /** Rises in the order of ingestion (OBS-10). */
  readonly id: number;
}

export interface StoredEvent extends EventPlace {
  readonly logStream: string;
  readonly ingestionTime: number;
  readonly message: string;
}

/** 56 digits, as AWS's ids have; in the order of the places. */
export const eventId = ({ timestamp, id }: EventPlace): string =>
  `3${String(timestamp).padStart(16, "0")}${String(id).padStart(39, "0")}`;

export function placeOf(digits: string): EventPlace | undefined {
  if (!/^3\d{55}$/.test(digits)) return undefined;
  return { timestamp: Number(digits.slice(1, 17)), id: Number(digits.slice(17)) };
}
