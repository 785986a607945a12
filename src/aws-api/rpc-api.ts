/** An API that has one URL for all operations, behind the front door: claims its requests and answers them. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type AwsApi, type AwsRequest, type AwsResponse, BodyTooLarge } from "./exchange.ts";
import type { Refusal, RpcOperation } from "./rpc-operation.ts";
import { protocolOf, type RpcNames } from "./rpc-protocols.ts";

export interface RpcApi {
  /** Signing name. */
  readonly service: string;
  readonly names: RpcNames;
  readonly maxBodyBytes: number;
  readonly operations: Readonly<Record<string, RpcOperation>>;
  /** Answers an operation that is not offered. */
  readonly unknown: (operation: string | undefined) => Refusal;
}

export const rpcApi = (api: RpcApi): AwsApi => ({
  service: api.service,
  claims: (request) => claims(api, request),
  answer: (request) => answer(api, request),
});

function claims({ service, names }: RpcApi, { headers, path, scope, query }: AwsRequest): boolean {
  const target = headers["x-amz-target"];
  if (target !== undefined) return target.startsWith(`${names.target}.`);
  if (path.includes(`/service/${names.target}/operation/`)) return true;
  // The protocol `query` names its service in the signature only, or by the version of the API.
  return (
    path === "/" && (scope?.service === service || (query.has("Action") && query.get("Version") === names.version))
  );
}

async function answer(api: RpcApi, request: AwsRequest): Promise<AwsResponse> {
  const body = await bodyOf(request, api.maxBodyBytes);
  const protocol = protocolOf(request, body instanceof Uint8Array ? body : new Uint8Array(), api.names);
  if (!(body instanceof Uint8Array)) return protocol.refusal(body);
  const { operation: name } = protocol;
  const operation = name !== undefined && Object.hasOwn(api.operations, name) ? api.operations[name] : undefined;
  if (operation === undefined) return protocol.refusal(api.unknown(name));
  let raw: unknown;
  try {
    raw = await protocol.input(operation);
  } catch {
    return protocol.refusal({ name: "SerializationException", status: 400, message: "The body cannot be read." });
  }
  const outcome = await operation.answer(raw, request);
  return "refusal" in outcome ? protocol.refusal(outcome.refusal) : protocol.output(operation, outcome.output);
}

/** SDKs compress long requests where the model allows it, PutMetricData among them. */
async function bodyOf(request: AwsRequest, maxBytes: number): Promise<Uint8Array | Refusal> {
  try {
    const body = await request.body(maxBytes);
    return request.headers["content-encoding"] === "gzip" ? await inflate(body, { maxOutputLength: maxBytes }) : body;
  } catch (error) {
    if (error instanceof BodyTooLarge || (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      return {
        name: "RequestEntityTooLarge",
        status: 413,
        message: `The request has more than ${maxBytes} bytes.`,
      };
    if ((error as NodeJS.ErrnoException).code?.startsWith("Z_") === true)
      return { name: "SerializationException", status: 400, message: "The body is not what Content-Encoding says." };
    throw error;
  }
}

const inflate = promisify(gunzip);
