/** How much an archive may hold. */
export interface ArchiveLimits {
  /** All files together, unpacked. */
  readonly unpackedBytes: number;
  readonly entries: number;
}

/** Lambda's limit for code and layers together (ENV-19); it publishes none for entries, ours only stops hostile ones. */
export const lambdaArchiveLimits: ArchiveLimits = { unpackedBytes: 262_144_000, entries: 200_000 };
