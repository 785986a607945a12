/** The protocols of APIs that have one URL for all operations: which one a request speaks, what it asks, how it is answered. */
import type { AwsRequest, AwsResponse } from "./exchange.ts";
import { fromCbor, toCbor } from "./cbor.ts";
import { fromForm } from "./query-form.ts";
import type { Refusal, RpcOperation } from "./rpc-operation.ts";
import { map, type Shape, string, structure } from "./shapes.ts";
import { element, escaped, toJson, toXml } from "./wire-values.ts";

/** What an API is called on the wire. */
export interface RpcNames {
  /** `GraniteServiceVersion20100801`. */
  readonly target: string;
  /** `2010-08-01`. */
  readonly version: string;
  readonly xmlNamespace: string;
  /** `com.amazonaws.cloudwatch`. */
  readonly errorNamespace: string;
}

export interface Protocol {
  /** The operation's name; nothing when the request does not say. */
  readonly operation: string | undefined;
  /** @throws Error for a body that cannot be read. */
  readonly input: (operation: RpcOperation) => unknown;
  readonly output: (operation: RpcOperation, value: unknown) => Promise<AwsResponse> | AwsResponse;
  readonly refusal: (refusal: Refusal) => Promise<AwsResponse> | AwsResponse;
}

export function protocolOf(request: AwsRequest, body: Uint8Array, names: RpcNames): Protocol {
  const path = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path);
  if (path !== null) return cbor(body, path[2], names, request);
  const target = request.headers["x-amz-target"];
  return target === undefined ? query(request, body, names) : json(body, target, names, request);
}

function json(body: Uint8Array, target: string, names: RpcNames, request: AwsRequest): Protocol {
  const headers = { "content-type": "application/x-amz-json-1.0" };
  return {
    operation: target.split(".").at(-1),
    input: () => (body.byteLength === 0 ? {} : JSON.parse(Buffer.from(body).toString("utf8"))),
    output: ({ output }, value) => ({
      status: 200,
      headers,
      body: output === undefined ? "{}" : JSON.stringify(toJson(output, value)),
    }),
    refusal: (refusal) => ({
      status: refusal.status,
      headers: { ...headers, ...queryError(request, refusal) },
      body: JSON.stringify(errorBody(names, refusal)),
    }),
  };
}

const anyError: Shape<unknown> = map(string());

function cbor(body: Uint8Array, operation: string | undefined, names: RpcNames, request: AwsRequest): Protocol {
  const headers = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
  return {
    operation,
    input: () => (body.byteLength === 0 ? {} : fromCbor(body)),
    output: async ({ output }, value) => ({
      status: 200,
      headers,
      body: await toCbor(output ?? structure({}), value ?? {}),
    }),
    refusal: async (refusal) => ({
      status: refusal.status,
      headers: { ...headers, ...queryError(request, refusal) },
      body: await toCbor(anyError, errorBody(names, refusal)),
    }),
  };
}

const errorBody = (names: RpcNames, { name, message }: Refusal): Record<string, string> => ({
  __type: `${names.errorNamespace}#${name}`,
  message,
});

/** Clients that came from `query` keep the codes they knew. */
const queryError = (request: AwsRequest, refusal: Refusal): Record<string, string> =>
  request.headers["x-amzn-query-mode"] === "true"
    ? { "x-amzn-query-error": `${refusal.queryCode ?? refusal.name};${faultOf(refusal)}` }
    : {};

const faultOf = ({ status }: Refusal): string => (status < 500 ? "Sender" : "Receiver");

function query(request: AwsRequest, body: Uint8Array, names: RpcNames): Protocol {
  const fields = request.method === "GET" ? request.query : new URLSearchParams(Buffer.from(body).toString("utf8"));
  const action = fields.get("Action") ?? undefined;
  const headers = { "content-type": "text/xml" };
  const metadata = element("RequestId", request.requestId);
  return {
    operation: action,
    input: ({ input }) => fromForm(fields, input),
    output: ({ output }, value) => {
      const result = output === undefined ? "" : element(`${action}Result`, toXml(output, value));
      const inside = result + element("ResponseMetadata", metadata);
      return {
        status: 200,
        headers,
        body: `<${action}Response xmlns="${names.xmlNamespace}">${inside}</${action}Response>\n`,
      };
    },
    refusal: (refusal) => {
      const error = [
        element("Type", faultOf(refusal)),
        element("Code", escaped(refusal.queryCode ?? refusal.name)),
        element("Message", escaped(refusal.message)),
      ];
      const inside = element("Error", error.join("")) + metadata;
      return {
        status: refusal.status,
        headers,
        body: `<ErrorResponse xmlns="${names.xmlNamespace}">${inside}</ErrorResponse>\n`,
      };
    },
  };
}
