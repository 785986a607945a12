/** What all destinations that are posted to have in common. */
import { type Compression, compressed } from "./compress.ts";
import { type HttpAnswer, type HttpClient, httpClient } from "./http-client.ts";

export interface Post {
  readonly url: URL;
  /** Default POST. */
  readonly method?: "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  /** Not yet compressed. */
  readonly body: Buffer | string;
  readonly signal: AbortSignal;
  /** Default 64 KiB. */
  readonly maxAnswerBytes?: number;
  /** Given what will be sent, compressed or not, with its headers; gives the headers it is sent with. */
  readonly sign?: (headers: Headers, body: Buffer, url: URL) => Headers | Promise<Headers>;
}

type Headers = Readonly<Record<string, string>>;

export interface HttpPost {
  readonly post: (post: Post) => Promise<HttpAnswer>;
  /** For the destination: connections are not trusted after a freeze, and closed at the end. */
  readonly connections: { readonly thawed: () => void; readonly close: () => void };
}

/** Over the connections of `client`; default its own. */
export function httpPost(compression: Compression, client: HttpClient = httpClient()): HttpPost {
  return {
    async post({ headers, body: plain, sign, ...request }) {
      const { body, headers: encoding } = await compressed(Buffer.from(plain), compression);
      const described = { ...headers, ...encoding };
      const sent = sign === undefined ? described : await sign(described, body, request.url);
      return client.send({ ...request, headers: sent, body });
    },
    connections: { thawed: () => client.renew(), close: () => client.close() },
  };
}
