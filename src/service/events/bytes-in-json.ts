/** JSON whose bytes come back as bytes: `{"$bytes":"<base64>"}`. */

export const toJson = (value: unknown): string => JSON.stringify(value, replaced);

/** A Buffer has turned itself into something else before it comes here, so it is looked up where it was. */
function replaced(this: Record<string, unknown>, key: string, member: unknown): unknown {
  const before = this[key];
  return before instanceof Uint8Array ? { $bytes: Buffer.from(before).toString("base64") } : member;
}

export const fromJson = (text: string): unknown =>
  JSON.parse(text, (_key, member: unknown) => (isBytes(member) ? Buffer.from(member.$bytes, "base64") : member));

const isBytes = (member: unknown): member is { $bytes: string } =>
  typeof member === "object" && member !== null && "$bytes" in member && typeof member.$bytes === "string";
