/** The Lambda API over HTTP: finds the operation, reads its input, asks once, renders. */
import type { AwsApi, AwsRequest, AwsResponse } from "../aws-api/exchange.ts";
import type { ControlPlane } from "./control-plane.ts";
import { errorResponse } from "./error-response.ts";
import { invocationCall } from "./invocation-call.ts";
import type { InvocationHandlers } from "./invocation-handlers.ts";
import { isInvocation, type InvocationOperationName, operations, type OperationName } from "./model/operations.ts";
import { readInput } from "./model/read-input.ts";
import { route } from "./model/route.ts";
import { Refusal } from "./refusal.ts";
import { serviceError } from "./service-error.ts";
import type { ServiceSettings } from "./settings.ts";

export interface LambdaApiOptions {
  readonly controlPlane: ControlPlane;
  readonly invocation: InvocationHandlers;
}

export function lambdaApi(options: LambdaApiOptions): AwsApi {
  return {
    service: "lambda",
    // SVC-02: every path of AWS's begins with a date.
    claims: ({ path }) => /^\/\d{4}-\d{2}-\d{2}\//.test(path),
    answer: (request) => answer(options, request),
  };
}

/** For what nothing behind the front door claims (SVC-269). */
export const unknownOperation = ({ method, path }: Pick<AwsRequest, "method" | "path">): AwsResponse =>
  errorResponse(
    serviceError(
      "UnknownOperationException",
      `There is no operation ${method} ${path} in any API that is served here.`,
    ),
  );

/** SVC-06 */
export const regionOf = ({ scope }: AwsRequest, { defaultRegion }: ServiceSettings): string =>
  scope?.region ?? defaultRegion;

async function answer(options: LambdaApiOptions, request: AwsRequest): Promise<AwsResponse> {
  const found = route(request.method, request.path, request.query);
  try {
    switch (found.kind) {
      case "offered":
        return await carryOut(options, found.name, found.labels, request);
      case "unoffered":
        return errorResponse(
          serviceError("NotImplementedException", `${found.name} is not implemented by this service.`),
        );
      case "unknown":
        return unknownOperation(request);
      default:
        return found satisfies never;
    }
  } catch (error) {
    if (error instanceof Refusal) return errorResponse(error.error);
    throw error;
  }
}

async function carryOut(
  { controlPlane, invocation }: LambdaApiOptions,
  name: OperationName,
  labels: Readonly<Record<string, string>>,
  request: AwsRequest,
): Promise<AwsResponse> {
  const input = await readInput(name, labels, request);
  const region = regionOf(request, controlPlane.settings);
  if (isInvocation(name)) {
    const place = { region, accountId: controlPlane.settings.accountId };
    return invocation[handlerNames[name]](invocationCall(name, input, request, place));
  }
  const body = await controlPlane.performChecked(name, input, { region, endpoint: `http://${request.host}` });
  const { status } = operations[name];
  if (status === 204) return { status };
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

const handlerNames = {
  Invoke: "invoke",
  InvokeAsync: "invokeAsync",
  InvokeWithResponseStream: "invokeWithResponseStream",
} as const satisfies Record<InvocationOperationName, keyof InvocationHandlers>;
