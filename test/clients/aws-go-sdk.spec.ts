/** The life of a function by AWS's SDK for Go, which Terraform's provider is made with; it is told the endpoint only. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { withLambda } from "./served-lambda.ts";

describeClient("aws-go-sdk", (installed) => {
  const lambda = withLambda();

  test("[SVC-07] [SVC-21] [SVC-96] [SVC-153] waiters, a stream, a paginator, times and errors as types", async () => {
    const { code, stdout, stderr } = await lambda().run([join(installed, "client")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      created: ["word", "first", "$LATEST", { a: 1 }],
      updated: ["word", "second", "$LATEST", { a: 1 }],
      "by alias": ["word", "first", "1", { a: 1 }],
      streamed: ["one two", "with a log"],
      url: ["BUFFERED", "arn:aws:lambda:us-east-1:000000000000:function:life:live"],
      recent: true,
      provisioned: "IN_PROGRESS",
      signing: null,
      versions: ["$LATEST", "1"],
      conflict: [true, "Function already exist: life"],
      "not offered": [true, "NotImplementedException", "CreateEventSourceMapping is not implemented by this service."],
      gone: [true, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:life"],
    });
  });
});
