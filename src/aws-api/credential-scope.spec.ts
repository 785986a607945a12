import { expect, test } from "vitest";
import { credentialScope } from "./credential-scope.ts";

const none = new URLSearchParams();

test("[SVC-06] reads region and service from the scope of the signature, in the header or in a presigned query", () => {
  const header =
    "AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=00";
  const presigned = new URLSearchParams({ "X-Amz-Credential": "AKID/20261123/ap-south-1/lambda/aws4_request" });
  expect(credentialScope(header, none)).toEqual({ accessKeyId: "AKID", region: "eu-west-1", service: "lambda" });
  expect(credentialScope(undefined, presigned)).toMatchObject({ region: "ap-south-1" });
});

test("takes an access key with slashes for what it is", () => {
  const header = "AWS4-HMAC-SHA256 Credential=a/b/20261123/eu-west-1/logs/aws4_request, Signature=00";
  expect(credentialScope(header, none)).toEqual({ accessKeyId: "a/b", region: "eu-west-1", service: "logs" });
});

test.each(["Basic abc", "AWS4-HMAC-SHA256 Credential=AKID", "AWS AKID:signature", ""])(
  "finds no scope in %j",
  (header) => {
    expect(credentialScope(header, none)).toBeUndefined();
  },
);
