/** Addresses from settings and variables: what is wrong with one is said, but not what it is. It may hold a password. */

export type HttpAddress =
  | { readonly url: URL; readonly problem?: undefined }
  | { readonly url?: undefined; readonly problem: string };

/** `setting` is where it comes from, such as `url`; `missing` says what to do where there is none. */
export function httpAddress(
  given: string | URL | undefined,
  setting: string,
  missing = `no address: set ${setting}`,
): HttpAddress {
  const text = String(given ?? "").trim();
  if (text === "") return { problem: missing };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.hostname !== ""
    ? { url }
    : { problem: `${setting} is no address: it begins with https:// or http:// and names a host` };
}
