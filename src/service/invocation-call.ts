/** From the checked input of an operation that runs a function to what its handler is given. */
import type { AwsRequest } from "../aws-api/exchange.ts";
import type { InvocationCall } from "./invocation-handlers.ts";
import type { Input, InvocationOperationName } from "./model/operations.ts";
import { parseTarget } from "./names/function-names.ts";
import { invalidValue } from "./refusal.ts";

/** @throws Refusal for a name that cannot be here, and for what is not offered (SVC-151). */
export function invocationCall(
  name: InvocationOperationName,
  input: object,
  request: AwsRequest,
  place: { readonly region: string; readonly accountId: string },
): InvocationCall {
  const given = input as Partial<Input<"Invoke">> & Pick<Input<"Invoke">, "FunctionName">;
  for (const [member, header] of [
    ["DurableExecutionName", "X-Amz-Durable-Execution-Name"],
    ["TenantId", "X-Amz-Tenant-Id"],
  ] as const)
    if (given[member] !== undefined) throw invalidValue(`The header ${header} is not supported by this service.`);
  const { InvocationType, LogType, ClientContext } = given;
  return {
    request,
    target: parseTarget(given.FunctionName, given.Qualifier, place),
    // SVC-161: streaming has no other types.
    ...(InvocationType === undefined || name !== "Invoke" ? {} : { invocationType: InvocationType }),
    ...(LogType === undefined ? {} : { logType: LogType }),
    ...(ClientContext === undefined ? {} : { clientContext: ClientContext }),
  };
}
