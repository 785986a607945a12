/** The `sequence-id` of a batch: a fingerprint of everything the subscription was sent so far (DLV-08, DLV-10). */

/** A SHA-256 that goes on; the host makes it of whatever its platform has. */
export interface RunningSha256 {
  /** Adds text as UTF-8. */
  update(text: string): void;
  /** The 32 bytes for all that was added so far; more may be added after it. */
  digest(): Uint8Array;
}

/** Standard alphabet, 43 characters, no padding. */
export const sequenceIdOf = (hash: RunningSha256): string =>
  btoa(String.fromCharCode(...hash.digest())).replace("=", "");
