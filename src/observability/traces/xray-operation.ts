/** One operation of the X-Ray API as a function: the JSON it gets, the JSON it gives. */
import { type AwsRequest, type AwsResponse, BodyTooLarge } from "../../aws-api/exchange.ts";

export type XrayInput = Readonly<Record<string, unknown>>;
export type XrayOperation = (input: XrayInput, request: AwsRequest) => unknown;
/** By the path of its POST. */
export type XrayOperations = Readonly<Record<string, XrayOperation>>;

/** The only refusal X-Ray has for what is wrong with a request. */
export class InvalidRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvalidRequest";
  }
}

/** Five times what a batch of 25 segments of 64 KiB needs. */
const maxBodyBytes = 8 * 1024 * 1024;

export async function answerXray(operations: XrayOperations, request: AwsRequest): Promise<AwsResponse> {
  const operation = request.method === "POST" ? operations[request.path] : undefined;
  if (operation === undefined)
    return failed(
      404,
      "UnknownOperationException",
      `${request.method} ${request.path} is not offered here. POST is, to ${Object.keys(operations).sort().join(", ")}.`,
    );
  try {
    const output = await operation(await readInput(request), request);
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(output) };
  } catch (error) {
    if (error instanceof InvalidRequest || error instanceof BodyTooLarge)
      return failed(400, "InvalidRequestException", error.message);
    throw error;
  }
}

/** A client that means no operation in particular sends no body. */
async function readInput(request: AwsRequest): Promise<XrayInput> {
  const text = Buffer.from(await request.body(maxBodyBytes)).toString("utf8");
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as XrayInput;
  } catch {
    // Said below.
  }
  throw new InvalidRequest("The body of the request is not a JSON object.");
}

const failed = (status: number, type: string, message: string): AwsResponse => ({
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": type },
  body: JSON.stringify({ __type: type, Message: message, message }),
});

export function textsOf(input: XrayInput, name: string): readonly string[] {
  const value = input[name];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new InvalidRequest(`${name} is required, and is a list of strings.`);
}
