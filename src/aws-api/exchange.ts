/** An exchange with a client of one of AWS's APIs, as values: what is the same for all of them, whatever the protocol. */

export interface AwsRequest {
  /** A fresh lower-case UUID, what the client is told in `x-amzn-RequestId`. */
  readonly requestId: string;
  readonly method: string;
  /** As it was sent: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was sent, without its question mark. */
  readonly rawQuery: string;
  /** Names in lower case; a repeated header's values are joined by node:http's rules. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As they came, name after name, repeated ones apart; for those who pass them on. */
  readonly rawHeaders?: readonly (readonly [name: string, value: string])[];
  /** What the signature says of the caller and of the service it means; nothing when there is none. */
  readonly scope: CredentialScope | undefined;
  /** IP address of the caller. */
  readonly sourceIp: string;
  /** Port and host as the client wrote them, for URLs that lead back here. */
  readonly host: string;
  /** Aborted when the caller is gone before the answer was sent. */
  readonly signal: AbortSignal;
  /**
   * The whole body. May be asked for more than once.
   * @throws BodyTooLarge when it has more than `maxBytes`; the rest is not kept.
   */
  readonly body: (maxBytes: number) => Promise<Uint8Array>;
}

/** The third part of `AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/lambda/aws4_request` and its neighbours. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** Signing name, such as `lambda`, `logs`, `monitoring`, `xray`, `sts`. */
  readonly service: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Bytes, text, or chunks that are sent as they come; `Content-Length` is added for the first two. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Names of the trailers that `sendTrailers` gives once the chunks ended; only with chunks. */
  readonly trailers?: () => Readonly<Record<string, string>>;
}

/** One API behind the front door: says whether a request is meant for it, and answers it. */
export interface AwsApi {
  /** Signing name. */
  readonly service: string;
  readonly claims: (request: AwsRequest) => boolean;
  readonly answer: (request: AwsRequest) => Promise<AwsResponse>;
}

/** The body of a request had more bytes than the operation takes. */
export class BodyTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The request's body has more than ${maxBytes} bytes.`);
    this.name = "BodyTooLarge";
    this.maxBytes = maxBytes;
  }
}
