import { expect, test } from "vitest";
import { readErrorBody } from "./error-body.ts";

const special = "application/vnd.aws.lambda.error.cause+json";
const shown = (body: string, contentType: string | undefined): string =>
  Buffer.from(readErrorBody(Buffer.from(body), contentType).body).toString();

test.each([undefined, "application/json", "text/plain", "application/x-www-form-urlencoded"])(
  "[RT-66] a body of content type %s is handed over verbatim",
  (contentType) => {
    const body = Buffer.from([0xff, 0x00, 0x7b]);
    expect(readErrorBody(body, contentType)).toEqual({ body, cause: undefined });
  },
);

test("[RT-72] of a body with its cause the caller gets message, type and stack trace only", () => {
  const cause = { message: "inner", working_directory: "/var/task" };
  const body = JSON.stringify({ errorCause: cause, stackTrace: ["a", "b"], errorType: "T", errorMessage: "m", x: 1 });
  expect(shown(body, special)).toBe('{"errorMessage":"m","errorType":"T","stackTrace":["a","b"]}');
  expect(readErrorBody(Buffer.from(body), special).cause).toBe(JSON.stringify(cause));
});

test("[RT-05, RT-72] what the platform writes has its escapes", () => {
  expect(shown('{"errorMessage":"a < b & c > d","errorType":"T"}', special)).toBe(
    '{"errorMessage":"a \\u003c b \\u0026 c \\u003e d","errorType":"T"}',
  );
});

test.each([
  "",
  "no JSON",
  "[]",
  "null",
  '{"errorMessage":5}',
  '{"errorType":{}}',
  '{"stackTrace":"a"}',
  '{"stackTrace":[1]}',
])("[RT-72] an unreadable body is one JSON string: %j", (body) => {
  expect(shown(body, special)).toBe('"Invalid error body"');
});

test("a cause nested deeper than any stack is dropped", () => {
  const deep = `{"errorMessage":"m","errorCause":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(readErrorBody(Buffer.from(deep), special).cause).toBeUndefined();
});
