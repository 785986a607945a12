/** The operations that run functions: parsed and checked by the API's router, answered by whoever has the pools. */
import type { AwsRequest, AwsResponse } from "../aws-api/exchange.ts";
import type { FunctionTarget } from "./directory.ts";

export interface InvocationCall {
  readonly request: AwsRequest;
  /** Of this account and region; whether it exists is not known yet. */
  readonly target: FunctionTarget;
  /** Header `X-Amz-Invocation-Type`, one of the three; absent means RequestResponse. */
  readonly invocationType?: "RequestResponse" | "Event" | "DryRun";
  /** Header `X-Amz-Log-Type`. */
  readonly logType?: "None" | "Tail";
  /** Header `X-Amz-Client-Context` as it came, unchecked. */
  readonly clientContext?: string;
}

/** Each reads the body of the request itself, for the limits are its own (SVC-131). */
export interface InvocationHandlers {
  readonly invoke: (call: InvocationCall) => Promise<AwsResponse>;
  readonly invokeAsync: (call: InvocationCall) => Promise<AwsResponse>;
  readonly invokeWithResponseStream: (call: InvocationCall) => Promise<AwsResponse>;
}
