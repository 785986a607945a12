import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f", { Publish: true });
  await service.call("POST /2015-03-31/functions/f/aliases", { Name: "prod", FunctionVersion: "1" });
});
afterEach(() => service.close());

const path = "/2015-03-31/functions/f/policy";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const add = (StatementId: string, rest: object = {}, query = ""): Promise<Got> =>
  service.call(`POST ${path}${query}`, {
    StatementId,
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    ...rest,
  });
const missing = { status: 404, body: { Message: "The resource you requested does not exist." } };

test.each([
  ["s3.amazonaws.com", { Service: "s3.amazonaws.com" }],
  ["123456789012", { AWS: "arn:aws:iam::123456789012:root" }],
  ["arn:aws:iam::123456789012:user/u", { AWS: "arn:aws:iam::123456789012:user/u" }],
  ["*", "*"],
])("[SVC-258] states the principal %s", async (Principal, stated) => {
  const { status, body } = await add("s", { Principal });
  expect(status).toBe(201);
  expect(JSON.parse(body.Statement)).toEqual({
    Sid: "s",
    Effect: "Allow",
    Principal: stated,
    Action: "lambda:InvokeFunction",
    Resource: arn,
  });
});

test("[SVC-258] names the qualifier in the resource", async () => {
  const { body } = await add("s", {}, "?Qualifier=prod");
  expect(JSON.parse(body.Statement).Resource).toBe(`${arn}:prod`);
});

test("[SVC-259] states conditions", async () => {
  const { body } = await add("s", {
    SourceArn: "arn:aws:s3:::bucket",
    SourceAccount: "123456789012",
    PrincipalOrgID: "o-abcdefghij",
    FunctionUrlAuthType: "NONE",
    EventSourceToken: "token",
  });
  expect(JSON.parse(body.Statement).Condition).toEqual({
    ArnLike: { "AWS:SourceArn": "arn:aws:s3:::bucket" },
    StringEquals: {
      "AWS:SourceAccount": "123456789012",
      "aws:PrincipalOrgID": "o-abcdefghij",
      "lambda:FunctionUrlAuthType": "NONE",
      "lambda:EventSourceToken": "token",
    },
  });
});

test("[SVC-260] shows the policy of each scope by itself", async () => {
  expect(await service.call(`GET ${path}`)).toMatchObject(missing);
  await add("a");
  await add("b");
  await add("c", {}, "?Qualifier=prod");
  const { status, body } = await service.call(`GET ${path}`);
  expect(status).toBe(200);
  expect(JSON.parse(body.Policy)).toMatchObject({
    Version: "2012-10-17",
    Id: "default",
    Statement: [{ Sid: "a" }, { Sid: "b" }],
  });
  const alias = await service.call(`GET ${path}?Qualifier=prod`);
  expect(JSON.parse(alias.body.Policy).Statement).toMatchObject([{ Sid: "c" }]);
  expect(await service.call(`GET ${path}?Qualifier=1`)).toMatchObject(missing);
  await service.call(`DELETE ${path}/c?Qualifier=prod`);
  expect(await service.call(`GET ${path}?Qualifier=prod`)).toMatchObject(missing);
});

test("[SVC-261] takes a statement once, and only under a good name", async () => {
  await add("a");
  const again = await add("a");
  expect(again).toMatchObject({ status: 409, error: "ResourceConflictException" });
  expect(again.body.message).toMatch(/^The statement id \(a\) provided already exists\./);
  expect((await add("b", {}, "?Qualifier=$LATEST")).body.message).toBe(
    "We currently do not support adding policies for $LATEST.",
  );
  expect((await add("a b")).body.message).toContain("at 'statementId' failed to satisfy constraint");
  expect((await add("b", { RevisionId: "old" })).status).toBe(412);
});

test("[SVC-261] removes statements", async () => {
  await add("a");
  const { RevisionId } = (await service.call(`GET ${path}`)).body;
  expect((await service.call(`DELETE ${path}/a?RevisionId=old`)).status).toBe(412);
  expect(await service.call(`DELETE ${path}/none`)).toMatchObject({
    status: 404,
    body: { Message: "Statement none is not found in resource policy." },
  });
  expect((await service.call(`DELETE ${path}/a?RevisionId=${RevisionId}`)).status).toBe(204);
  expect(await service.call(`GET ${path}`)).toMatchObject(missing);
});

test("[SVC-262] refuses a policy that grows too long, and keeps the one before", async () => {
  const SourceArn = `arn:aws:s3:::${"b".repeat(4800)}`;
  const answers = [];
  for (const id of "abcd") answers.push((await add(id, { SourceArn })).status);
  expect(answers).toEqual([201, 201, 201, 201]);
  expect(await add("e", { SourceArn })).toMatchObject({ status: 400, error: "PolicyLengthExceededException" });
  expect(JSON.parse((await service.call(`GET ${path}`)).body.Policy).Statement).toHaveLength(4);
});

test("[SVC-263] hands calls on whatever the policy", async () => {
  await add("a", { Principal: "123456789012" });
  expect((await service.call("POST /2015-03-31/functions/f/invocations", "{}")).status).toBe(200);
  expect(service.plane.directory.resolve({ region: "us-east-1", name: "f" }, 0).kind).toBe("found");
});
