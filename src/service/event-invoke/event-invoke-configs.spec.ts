import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f", { Publish: true });
  await service.create("g");
  await service.call("POST /2015-03-31/functions/f/aliases", { Name: "prod", FunctionVersion: "1" });
});
afterEach(() => service.close());

const path = "/2019-09-25/functions/f/event-invoke-config";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const queue = "arn:aws:sqs:us-east-1:000000000000:q";
const topic = "arn:aws:sns:us-east-1:000000000000:t";
const put = (body: object, query = ""): Promise<Got> => service.call(`PUT ${path}${query}`, body);
const to = (OnSuccess: string | undefined, OnFailure?: string): object => ({
  DestinationConfig: {
    ...(OnSuccess === undefined ? {} : { OnSuccess: { Destination: OnSuccess } }),
    ...(OnFailure === undefined ? {} : { OnFailure: { Destination: OnFailure } }),
  },
});
const settings = (qualifier?: string): unknown =>
  service.plane.directory.eventInvokeSettings({
    region: "us-east-1",
    name: "f",
    ...(qualifier === undefined ? {} : { qualifier }),
  });

test("[SVC-179] replaces the settings as a whole", async () => {
  expect(await put({ MaximumRetryAttempts: 1, ...to(queue, topic) })).toMatchObject({
    status: 200,
    body: { FunctionArn: `${arn}:$LATEST`, MaximumRetryAttempts: 1, ...to(queue, topic) },
  });
  const { body } = await put({ MaximumEventAgeInSeconds: 60 });
  expect(body).toEqual({
    FunctionArn: `${arn}:$LATEST`,
    LastModified: expect.any(Number),
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  });
  expect(settings()).toEqual({ maximumEventAgeSeconds: 60 });
});

test("[SVC-179] wants a setting or a destination, and a function", async () => {
  expect((await put({})).body.message).toBe("You must specify at least one of error handling or destination setting.");
  const none = await service.call("PUT /2019-09-25/functions/none/event-invoke-config", { MaximumRetryAttempts: 0 });
  expect(none).toMatchObject({ status: 404, body: { Message: "The function doesn't exist." } });
});

test("[SVC-180] changes only given members, shows and deletes", async () => {
  await put({ MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 100, ...to(queue) });
  const { body } = await service.call(`POST ${path}`, { MaximumRetryAttempts: 0 });
  expect(body).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 100, ...to(queue) });
  expect((await service.call(`GET ${path}`)).body).toEqual(body);
  expect((await service.call(`DELETE ${path}`)).status).toBe(204);
  for (const [method, given] of [
    ["GET", undefined],
    ["POST", { MaximumRetryAttempts: 0 }],
    ["DELETE", undefined],
  ] as const) {
    const { body } = await service.call(`${method} ${path}?Qualifier=$LATEST`, given);
    expect(body.Message).toBe(`The function ${arn}:$LATEST doesn't have an EventInvokeConfig`);
  }
});

test("[SVC-180] keeps the settings of version, alias and $LATEST apart", async () => {
  await put({ MaximumRetryAttempts: 0 });
  await put({ MaximumRetryAttempts: 1 }, "?Qualifier=prod");
  expect(settings()).toEqual({ maximumRetryAttempts: 0 });
  expect(settings("prod")).toEqual({ maximumRetryAttempts: 1 });
  expect(settings("1")).toEqual({});
  await put({ MaximumRetryAttempts: 2 }, "?Qualifier=1");
  const { body } = await service.call(`GET ${path}/list`);
  expect(body.FunctionEventInvokeConfigs.map(({ FunctionArn }: { FunctionArn: string }) => FunctionArn)).toEqual([
    `${arn}:$LATEST`,
    `${arn}:1`,
    `${arn}:prod`,
  ]);
});

test.each([
  [{ MaximumRetryAttempts: 3 }, "maximumRetryAttempts"],
  [{ MaximumRetryAttempts: -1 }, "maximumRetryAttempts"],
  [{ MaximumEventAgeInSeconds: 59 }, "maximumEventAgeInSeconds"],
  [{ MaximumEventAgeInSeconds: 21_601 }, "maximumEventAgeInSeconds"],
])("[SVC-181] refuses %j", async (body, member) => {
  const got = await put(body);
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain(`at '${member}' failed`);
});

test("[SVC-182] applies a change to whatever is asked for next", async () => {
  await put({ MaximumRetryAttempts: 2 });
  expect(settings()).toEqual({ maximumRetryAttempts: 2 });
  await put({ MaximumRetryAttempts: 0, ...to(undefined, queue) });
  expect(settings()).toEqual({ maximumRetryAttempts: 0, onFailureArn: queue });
});

test.each([
  queue,
  topic,
  "arn:aws:events:us-east-1:000000000000:event-bus/b",
  "arn:aws:lambda:us-east-1:000000000000:function:g",
])("[SVC-183] sends records to %s", async (destination) => {
  expect((await put(to(destination, destination))).status).toBe(200);
});

test("[SVC-183] sends failures, and no successes, to a bucket", async () => {
  expect((await put(to(undefined, "arn:aws:s3:::bucket"))).status).toBe(200);
  expect((await put(to("arn:aws:s3:::bucket"))).body.message).toMatch(
    /^The provided destination config .* is invalid\.$/,
  );
});

test.each([
  [
    "another service",
    "arn:aws:dynamodb:us-east-1:000000000000:table/t",
    /^The provided destination config .* is invalid\.$/,
  ],
  [
    "a function that is not there",
    "arn:aws:lambda:us-east-1:000000000000:function:no",
    /^The destination ARN arn:aws:lambda:us-east-1:000000000000:function:no is invalid\.$/,
  ],
  ["the function itself", arn, /^You can't specify the function as a destination for itself\.$/],
  ["a FIFO queue", `${queue}.fifo`, /FIFO/],
])("[SVC-183] refuses %s", async (_, destination, message) => {
  const got = await put(to(undefined, destination));
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toMatch(message);
});

test("[SVC-184] keeps a route that is not named, and clears one that is named empty", async () => {
  await put({ MaximumRetryAttempts: 0, ...to(queue, topic) });
  const kept = await service.call(`POST ${path}`, { DestinationConfig: { OnSuccess: {} } });
  expect(kept.body).toMatchObject(to(queue, topic));
  const cleared = await service.call(`POST ${path}`, to(""));
  expect(cleared.body.DestinationConfig).toEqual({ OnSuccess: {}, OnFailure: { Destination: topic } });
});
