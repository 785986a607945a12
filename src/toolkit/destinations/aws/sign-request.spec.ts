import { expect, test } from "vitest";
import { signedHeaders } from "./sign-request.ts";

const scope = {
  region: "us-east-1",
  service: "service",
  credentials: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: undefined,
  },
  now: Date.UTC(2015, 7, 30, 12, 36, 0),
};

const signatureOf = (method: string, url: string): string => {
  const headers = signedHeaders({ method, url: new URL(url), headers: {}, body: Buffer.alloc(0) }, scope);
  return headers["Authorization"]!.split("Signature=")[1]!;
};

// From the test suite AWS publishes for this signature (get-vanilla, post-vanilla, get-vanilla-query-order-key-case).
test.each([
  ["GET", "https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["POST", "https://example.amazonaws.com/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  [
    "GET",
    "https://example.amazonaws.com/?Param2=value2&Param1=value1",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
])("signs %s %s as AWS's own vectors do", (method, url, signature) => {
  expect(signatureOf(method, url)).toBe(signature);
});

test("signs the session token, and for S3 the body's hash, as headers", () => {
  const headers = signedHeaders(
    { method: "PUT", url: new URL("https://b.s3.amazonaws.com/a%20b"), headers: {}, body: Buffer.from("x") },
    { ...scope, service: "s3", credentials: { ...scope.credentials, sessionToken: "token" } },
  );
  expect(headers["Authorization"]).toContain(
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,",
  );
  expect(headers["X-Amz-Content-Sha256"]).toMatch(/^2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881$/);
});
