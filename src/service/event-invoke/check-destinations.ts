/** Where records of asynchronous invocations may go (SVC-183). */
import type { ControlCall } from "../control-operation.ts";
import { versionOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import { invalidValue } from "../refusal.ts";

type Destinations = Input<"PutFunctionEventInvokeConfig">["DestinationConfig"];

/** @throws Refusal; `name` is the function they are set on. */
export function checkDestinations(destinations: Destinations, name: string, call: ControlCall): void {
  const success = destinations?.OnSuccess?.Destination;
  const failure = destinations?.OnFailure?.Destination;
  const known = (arn: string | undefined, services: string): boolean =>
    !arn || new RegExp(`^arn:[\\w-]+:(?:${services}):`).test(arn);
  if (!known(success, "sqs|sns|lambda|events") || !known(failure, "sqs|sns|lambda|events|s3"))
    throw invalidValue(`The provided destination config ${described(success, failure)} is invalid.`);
  for (const arn of [success, failure]) if (arn) checkTarget(arn, name, call);
}

const described = (success: string | undefined, failure: string | undefined): string =>
  `DestinationConfig(onSuccess=${success === undefined ? "null" : `OnSuccess(destination=${success})`}, onFailure=${failure === undefined ? "null" : `OnFailure(destination=${failure})`})`;

function checkTarget(arn: string, name: string, call: ControlCall): void {
  const [, , service, region, accountId, kind, target, qualifier] = arn.split(":");
  if ((service === "sqs" || service === "sns") && arn.endsWith(".fifo"))
    throw invalidValue(`The destination ARN ${arn} is invalid: FIFO queues and topics are not supported.`);
  if (service !== "lambda") return;
  const record =
    kind === "function" && region === call.region && accountId === call.accountId
      ? call.view.functionNamed(call.region, target ?? "")
      : undefined;
  if (record === undefined || versionOf(record, qualifier) === undefined)
    throw invalidValue(`The destination ARN ${arn} is invalid.`);
  if (target === name) throw invalidValue("You can't specify the function as a destination for itself.");
}
