/** The `sequence-id` of a batch: a fingerprint of everything the subscription was sent so far (DLV-08, DLV-10). */

/** A SHA-256 that goes on after it was read; what `createHash("sha256")` of Node gives is one. */
export interface RunningSha256 {
  /** Adds text as UTF-8. */
  update(text: string): unknown;
  /** A second one that has seen the same: a digest ends the one it is taken of. */
  copy(): { digest(): Uint8Array };
}

/** Standard alphabet, 43 characters, no padding. */
export const sequenceIdOf = (hash: RunningSha256): string =>
  btoa(String.fromCharCode(...hash.copy().digest())).replace("=", "");
