/** Which function URL a request means: by its path, or by its host (SVC-235). */

export interface UrlRequest {
  readonly id: string;
  /** What the function is told, percent-encoding kept (SVC-237). */
  readonly rawPath: string;
  /** The name the function is known by, with the port that leads back here. */
  readonly domainName: (region: string) => string;
}

interface Head {
  readonly path: string;
  readonly host: string;
}

/** Nothing when it means something else. */
export function urlRequest({ path, host }: Head): UrlRequest | undefined {
  const [, byHost] = /^([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\./u.exec(host) ?? [];
  if (byHost !== undefined) return { id: byHost, rawPath: path, domainName: () => host };
  const [, byPath, rest = ""] = /^\/lambda-url\/([^/]+)(\/.*)?$/u.exec(path) ?? [];
  if (byPath === undefined) return undefined;
  const port = /:\d+$/u.exec(host)?.[0] ?? "";
  // Names below localhost are loopback nearly everywhere: a link made of it leads back here.
  const domainName = (region: string): string => `${byPath}.lambda-url.${region}.localhost${port}`;
  return { id: byPath, rawPath: rest === "" ? "/" : rest, domainName };
}
