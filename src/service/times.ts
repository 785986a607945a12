/** Times as the API writes them (SVC-21). */

/** `2026-09-13T15:32:02.357+0000`: functions, layers, provisioned concurrency. */
export const offsetTime = (epochMs: number): string => new Date(epochMs).toISOString().replace("Z", "+0000");

/** `2026-09-13T15:32:02.357Z`: function URLs. */
export const zuluTime = (epochMs: number): string => new Date(epochMs).toISOString();

/** Settings of asynchronous invocation. */
export const epochSeconds = (epochMs: number): number => Math.round(epochMs) / 1000;
