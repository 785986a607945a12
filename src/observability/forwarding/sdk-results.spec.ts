import { expect, test } from "vitest";
import { ForwardsToItself } from "./aws-clients.ts";
import { judged, resultOfError } from "./sdk-results.ts";

const answered = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error("said"), { name, $metadata: { httpStatusCode } });

test.each([
  ["ThrottlingException", 400, "try later"],
  ["LimitExceededException", 400, "try later"],
  ["ServiceUnavailableException", 503, "try later"],
  ["InternalFailure", 500, "try later"],
  ["TooManyRequests", 429, "try later"],
  ["InvalidParameterException", 400, "refused"],
  ["InvalidParameterValue", 400, "refused"],
  ["ValidationException", 400, "refused"],
  ["InvalidRequestException", 400, "refused"],
  ["RequestEntityTooLarge", 413, "too large"],
  ["AccessDeniedException", 400, "closed"],
  ["UnrecognizedClientException", 400, "closed"],
  ["ExpiredTokenException", 400, "closed"],
  ["SomethingNew", 400, "closed"],
] as const)("%s with status %i means: %s", (name, status, kind) => {
  expect(resultOfError(answered(name, status)).kind).toBe(kind);
});

test("nobody there is tried again, and said by its code", () => {
  const error = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
  expect(resultOfError(error)).toEqual({ kind: "try later", reason: "ECONNREFUSED" });
});

test("without credentials, and with an endpoint that is this service, nothing will ever be taken", () => {
  const error = Object.assign(new Error("Could not load credentials from any providers"), {
    name: "CredentialsProviderError",
  });
  expect(resultOfError(error)).toEqual({
    kind: "closed",
    reason: "CredentialsProviderError: Could not load credentials from any providers",
  });
  expect(resultOfError(new ForwardsToItself("localhost:9070"))).toMatchObject({ kind: "closed" });
});

test("what is thrown when the time is over is the sender's to tell", async () => {
  const controller = new AbortController();
  controller.abort();
  const thrown = new Error("aborted");
  await expect(judged(controller.signal, () => Promise.reject(thrown))).rejects.toBe(thrown);
});
