import { expect, test } from "vitest";
import { asksForAccountId, readRegistration } from "./registration.ts";

const read = (body: string): unknown => readRegistration(Buffer.from(body));
const asks = (feature: string | undefined): boolean =>
  asksForAccountId({
    method: "POST",
    target: "/",
    httpVersion: "1.1",
    headers: { "lambda-extension-accept-feature": feature },
  });

test("[EXT-19] the event names are those of the list, as sent", () => {
  expect(read('{"events":["INVOKE","SHUTDOWN"]}')).toEqual({ events: ["INVOKE", "SHUTDOWN"] });
  expect(read('{"events":["invoke","INVOKE","INVOKE","bogus"]}')).toEqual({
    events: ["invoke", "INVOKE", "INVOKE", "bogus"],
  });
});

test.each(["{}", '{"events":null}', '{"events":[]}'])("[EXT-20] %s asks for no events", (body) => {
  expect(read(body)).toEqual({ events: [] });
});

test("[EXT-07] unknown keys are ignored", () => {
  expect(read('{"events":["INVOKE"],"color":{"a":[1]},"configurationKeys":[]}')).toEqual({ events: ["INVOKE"] });
});

test.each([
  "",
  " ",
  "INVOKE",
  "{",
  "null",
  "5",
  "[]",
  '"INVOKE"',
  '{"events":"INVOKE"}',
  '{"events":{}}',
  '{"events":[1]}',
  "[".repeat(500_000),
])("[EXT-33] a body that is empty, not JSON or of the wrong type is refused (%#)", (body) => {
  expect(read(body)).toEqual({
    refusal: { status: 403, errorType: "InvalidRequestFormat", errorMessage: expect.stringMatching(/./) as string },
  });
});

test("[EXT-34] configuration keys are refused", () => {
  expect(read('{"events":["INVOKE"],"configurationKeys":["A"]}')).toEqual({
    refusal: {
      status: 403,
      errorType: "InvalidRequestFormat",
      errorMessage: "configurationKeys are deprecated; use environment variables instead",
    },
  });
});

test.each(["accountId", "foo, accountId,", ",,accountId", "\taccountId ,x"])(
  "[EXT-28] %j asks for the account",
  (list) => {
    expect(asks(list)).toBe(true);
  },
);

test.each([undefined, "", "accountid", "AccountId", "account Id", "accountIds", "foo"])(
  "[EXT-28] %j does not ask for the account",
  (list) => {
    expect(asks(list)).toBe(false);
  },
);
