/** What is ours and not AWS's about the control plane: `/_local/settings`, `/_local/health`, code downloads (SVC-01 to SVC-03, SVC-38). */
import type { AwsApi, AwsRequest, AwsResponse } from "../aws-api/exchange.ts";
import { codeLinkPath } from "./code/code-links.ts";
import type { ControlPlane } from "./control-plane.ts";

export function localApi(controlPlane: ControlPlane): AwsApi {
  return {
    service: "lambdarium",
    claims: ({ path }) => path === "/_local/settings" || path === "/_local/health" || path.startsWith(codeLinkPath),
    answer: async (request) => answer(controlPlane, request),
  };
}

async function answer(controlPlane: ControlPlane, request: AwsRequest): Promise<AwsResponse> {
  const { method, path } = request;
  if (path.startsWith(codeLinkPath)) return download(controlPlane, request);
  if (method !== "GET") return json(405, { message: `${path} takes GET only.` });
  return path === "/_local/health" ? json(200, { status: "ready" }) : json(200, controlPlane.settings);
}

async function download(controlPlane: ControlPlane, { method, path, query }: AwsRequest): Promise<AwsResponse> {
  // AWS signs its links for GET; other methods do not match the signature.
  if (method !== "GET") return json(403, { message: "The link is for GET." });
  const zip = await controlPlane.download(path, query);
  switch (zip.kind) {
    case "zip":
      return { status: 200, headers: { "content-type": "application/zip" }, body: zip.pieces };
    case "gone":
      return json(403, { message: "The link is over, or none of ours." });
    case "damaged":
      return json(500, { message: "The stored package is not what was uploaded. Deploy it again." });
    default:
      return zip satisfies never;
  }
}

const json = (status: number, body: object): AwsResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
