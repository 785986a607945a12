/** Who am I: the one answer of STS that deployment tools ask for when one endpoint serves all (SVC-270). */
import type { AwsApi, AwsRequest, AwsResponse } from "../aws-api/exchange.ts";

const mostFormBytes = 65_536;

/** Takes what no other API wants of `POST /`, so it comes last. */
export function stsApi({ accountId }: { readonly accountId: string }): AwsApi {
  return {
    service: "sts",
    claims: ({ method, path }) => method === "POST" && path === "/",
    answer: (request) => answer(request, accountId),
  };
}

async function answer(request: AwsRequest, accountId: string): Promise<AwsResponse> {
  const target = request.headers["x-amz-target"];
  if (target !== undefined) return notOffered(target, request);
  const form = new URLSearchParams(Buffer.from(await request.body(mostFormBytes)).toString());
  const action = form.get("Action") ?? request.query.get("Action") ?? "(none)";
  if (action !== "GetCallerIdentity") return notOffered(action, request);
  const result = `<Arn>arn:aws:iam::${accountId}:root</Arn><UserId>${accountId}</UserId><Account>${accountId}</Account>`;
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>${request.requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  };
}

/** In XML for clients of the query protocol, in JSON for those that name a target. */
function notOffered(what: string, { headers, scope, requestId }: AwsRequest): AwsResponse {
  const message = `${what}${scope === undefined ? "" : ` of ${scope.service}`} is not implemented by this service.`;
  if (headers["x-amz-target"] !== undefined)
    return {
      status: 501,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-ErrorType": "NotImplementedException" },
      body: JSON.stringify({ __type: "NotImplementedException", message }),
    };
  return {
    status: 501,
    headers: { "content-type": "text/xml", "x-amzn-ErrorType": "NotImplementedException" },
    body: `<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplementedException</Code><Message>${escaped(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

const escaped = (text: string): string => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
