/** The address of a server, and who asks, which some write into it. */

import { httpAddress } from "../http/http-address.ts";

export interface ServerUrl {
  /** Without user and password. */
  readonly url: URL | undefined;
  readonly problem: string | undefined;
  readonly username?: string;
  readonly password?: string;
}

export function serverUrl(given: string | URL | undefined, missing: string): ServerUrl {
  const { url, problem } = httpAddress(given, "url", missing);
  if (url === undefined) return { url, problem };
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "") return { url, problem };
  return { url, problem, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
