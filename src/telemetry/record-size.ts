/** How big a record may be, and how a bigger one is cut (CAP-18 to CAP-22). */

/** CAP-18: 256 KiB less 26 bytes. */
const standardRecordBytes = 262_118;

/** CAP-20 */
const largestRecordBytes = 1_048_576;

/** The limit to use for a configured one. */
export const recordLimit = (maxRecordBytes = standardRecordBytes): number =>
  Math.min(maxRecordBytes, largestRecordBytes);

/** Length in UTF-8; the text has no lone surrogates, as nothing decoded from UTF-8 has. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text);

/** Whether `text` is surely within the limit, without counting: no UTF-16 unit takes more than three bytes. */
export const surelyFits = (text: string, maxBytes: number): boolean => text.length * 3 <= maxBytes;

/** Length in UTF-16 units of the longest start of `text` within `maxBytes` (4 or more) that breaks no character. */
export function longestPiece(text: string, maxBytes: number): number {
  let low = Math.min(text.length, Math.floor(maxBytes / 3));
  let high = Math.min(text.length, maxBytes);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (utf8Bytes(text.slice(0, middle)) <= maxBytes) low = middle;
    else high = middle - 1;
  }
  return splitsPair(text, low) ? low - 1 : low;
}

const splitsPair = (text: string, at: number): boolean => at < text.length && isHighSurrogate(text.charCodeAt(at - 1));

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
