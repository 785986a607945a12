/** The address of a server, and who asks, which some write into it. */

export interface ServerUrl {
  /** Without user and password. */
  readonly url: URL | undefined;
  readonly username?: string;
  readonly password?: string;
}

export function serverUrl(given: string | URL | undefined): ServerUrl {
  if (given === undefined) return { url: undefined };
  const url = new URL(given);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "") return { url };
  return { url, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
