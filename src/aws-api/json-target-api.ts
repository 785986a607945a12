/** The protocol JSON 1.1: the operation is named in `X-Amz-Target`, everything else is in the body. */
import { type AwsApi, type AwsRequest, type AwsResponse, BodyTooLarge } from "./exchange.ts";
import type { Outcome, Refusal } from "./rpc-operation.ts";

/** What comes back: a JSON object, nothing, a refusal, or a response of the operation's own making, such as a stream. */
export type JsonOutcome = Outcome<object | undefined> | { readonly response: AwsResponse };

/** `raw`: the body's JSON, whatever it is. */
export type JsonOperation = (raw: unknown, request: AwsRequest) => Promise<JsonOutcome> | JsonOutcome;

export interface JsonTargetApi {
  /** Signing name. */
  readonly service: string;
  /** What stands before the dot in `X-Amz-Target`. */
  readonly target: string;
  readonly maxBodyBytes: number;
  readonly operations: Readonly<Record<string, JsonOperation>>;
  /** Answers an operation that is not offered. */
  readonly unknown: (operation: string) => Refusal;
}

export const jsonTargetApi = (api: JsonTargetApi): AwsApi => ({
  service: api.service,
  claims: ({ headers }) => headers["x-amz-target"]?.startsWith(`${api.target}.`) === true,
  answer: async (request) => {
    const outcome = await operate(api, request);
    if ("response" in outcome) return outcome.response;
    if ("refusal" in outcome) return refused(outcome.refusal);
    const { output } = outcome;
    return { status: 200, headers, body: output === undefined ? "" : JSON.stringify(output) };
  },
});

const headers = { "content-type": "application/x-amz-json-1.1" };

async function operate(api: JsonTargetApi, request: AwsRequest): Promise<JsonOutcome> {
  const name = (request.headers["x-amz-target"] ?? "").slice(api.target.length + 1);
  const operation = Object.hasOwn(api.operations, name) ? api.operations[name] : undefined;
  if (operation === undefined) return { refusal: api.unknown(name) };
  const read = await readJson(request, api.maxBodyBytes);
  return "refusal" in read ? read : operation(read.raw, request);
}

async function readJson(
  request: AwsRequest,
  maxBytes: number,
): Promise<{ readonly raw: unknown } | { readonly refusal: Refusal }> {
  try {
    const text = Buffer.from(await request.body(maxBytes)).toString("utf8");
    return { raw: text.trim() === "" ? {} : JSON.parse(text) };
  } catch (error) {
    if (error instanceof BodyTooLarge)
      return { refusal: { name: "RequestEntityTooLargeException", status: 413, message: error.message } };
    if (error instanceof SyntaxError)
      return { refusal: { name: "SerializationException", status: 400, message: "The body is not valid JSON." } };
    throw error;
  }
}

const refused = ({ name, status, message, details }: Refusal): AwsResponse => ({
  status,
  headers: { ...headers, "x-amzn-errortype": name },
  body: JSON.stringify({ __type: name, message, ...details }),
});
