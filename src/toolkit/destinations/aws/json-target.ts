/** Calls of the services that speak JSON: POST, with the operation in a header. */
import type { OutgoingRequest } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { type AwsClient, awsClient } from "./aws-client.ts";
import { type AwsPlace, type AwsService, configuredEndpoint, regionalHost } from "./endpoint.ts";

export interface JsonTarget extends Pick<AwsClient, "renew" | "close"> {
  /** `body` is JSON. */
  call(operation: string, body: string, request: Pick<OutgoingRequest, "origin" | "signal">): Promise<HttpAnswer>;
}

/** `target` with its version, such as `Firehose_20150804`; `place.endpoint` wins over the variables. */
export function jsonTarget(service: AwsService, target: string, version: "1.0" | "1.1", place: AwsPlace): JsonTarget {
  const client = awsClient(service);
  return {
    call(operation, body, { origin, signal }) {
      const region = place.region ?? origin.region;
      const url = new URL(configuredEndpoint(service, place) ?? `https://${regionalHost(service, region)}/`);
      const headers = { "Content-Type": `application/x-amz-json-${version}`, "X-Amz-Target": `${target}.${operation}` };
      return client.send({ url, headers, body: Buffer.from(body), region, signal });
    },
    renew: () => client.renew(),
    close: () => client.close(),
  };
}
