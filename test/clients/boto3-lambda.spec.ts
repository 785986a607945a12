/** The whole life of a function by boto3, which is told the endpoint and nothing else. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { withLambda } from "./served-lambda.ts";

describeClient("aws-cli", (installed) => {
  const lambda = withLambda();

  test("[SVC-273] [SVC-96] [SVC-17] [SVC-268] boto3: every step, all waiters, all paginators, and errors as classes", async () => {
    const script = join(import.meta.dirname, "boto3-lambda.py");
    const env = { PYTHONPATH: join(installed, "python") };
    const { code, stdout, stderr } = await lambda().run(["python3", script], { env });
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      created: ["Hello, one", "$LATEST"],
      updated: ["Good evening, two", "$LATEST"],
      "by alias": ["Hello, one", "1"],
      weights: { AdditionalVersionWeights: { "2": 1 } },
      "by weight": ["Good evening, two", "2"],
      "by url live": ["Good evening, two", "2"],
      "by url old": ["Hello, one", "1"],
      policy: { Service: "s3.amazonaws.com" },
      read: [{ team: "a" }, 7, 256],
      code: true,
      lists: {
        list_functions: ["life"],
        list_versions_by_function: ["$LATEST", "1", "2"],
        list_aliases: ["live", "old"],
        list_layers: ["greeting"],
        list_layer_versions: [2, 1],
        list_function_url_configs: 2,
        list_function_event_invoke_configs: 2,
        list_provisioned_concurrency_configs: 2,
        list_event_source_mappings: [],
        list_code_signing_configs: [],
      },
      refusals: [
        "Function already exist: life",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        "No Provisioned Concurrency Config found for this function",
        "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:life:none",
      ],
      "not offered": "CreateEventSourceMapping is not implemented by this service.",
      after: [[], []],
      gone: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:life",
      waited: [
        "function_exists",
        "function_active",
        "function_active_v2",
        "published_version_active",
        "function_updated_v2",
        "function_updated",
      ],
    });
  });
});
