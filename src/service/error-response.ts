/** An error of the Lambda API as HTTP (SVC-09). */
import type { AwsResponse } from "../aws-api/exchange.ts";
import { serviceErrors, type ServiceError } from "./service-error.ts";

export function errorResponse(error: ServiceError): AwsResponse {
  const shape: { status: number; member: string; type?: false } = serviceErrors[error.name];
  const body = {
    ...(shape.type === false ? {} : { Type: shape.status < 500 ? "User" : "Server" }),
    ...(error.reason === undefined ? {} : { Reason: error.reason }),
    [shape.member]: error.message,
  };
  return {
    status: shape.status,
    headers: { "content-type": "application/json", "x-amzn-ErrorType": error.name },
    body: JSON.stringify(body),
  };
}
