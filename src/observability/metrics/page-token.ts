/** Where the next page goes on: opaque to clients, as AWS's tokens are. */

export const tokenFor = (offset: number): string => Buffer.from(`from ${offset}`).toString("base64url");

/** 0 without a token; nothing for a token that is none of ours. */
export function pageFrom(token: string | undefined): number | undefined {
  if (token === undefined) return 0;
  const offset = /^from (\d{1,12})$/.exec(Buffer.from(token, "base64url").toString("utf8"))?.[1];
  return offset === undefined ? undefined : Number(offset);
}
