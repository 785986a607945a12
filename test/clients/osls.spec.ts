/** The Serverless framework on a function that is there already: `deploy function` and `invoke`. */
import { join } from "node:path";
import { Lambda, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFiles } from "../fixtures/programs.ts";
import { role, zip } from "../fixtures/service.ts";
import { describeClient } from "./installed-client.ts";
import { type Ran, withLambda } from "./served-lambda.ts";

const handler = (word: string): string => `exports.handler = async (event) => {
  console.log("the function said this");
  return ["${word}", process.env.STAGE ?? "none", event];
};`;

const project = (stage: string): string => `
service: demo
provider: { name: aws, runtime: nodejs22.x, region: us-east-1, iam: { role: "${role}" } }
functions:
  hello: { name: web, handler: index.handler, timeout: 9, environment: { STAGE: ${stage} } }
`;

describeClient("osls", (installed) => {
  // An update that is answered while the one before goes on is refused, and tried again (SVC-92).
  const lambda = withLambda("--setting", "deployDelayMs=700");
  let client: Lambda;
  beforeAll(async () => {
    const credentials = { accessKeyId: "x", secretAccessKey: "y" };
    client = new Lambda({ endpoint: lambda().endpoint, region: "us-east-1", credentials });
    const Code = { ZipFile: Buffer.from(await zip({ "index.js": handler("one") }), "base64") };
    const made = { Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Code } as const;
    await client.createFunction({ FunctionName: "web", ...made });
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 60 }, { FunctionName: "web" });
  });
  afterAll(() => client.destroy());

  const serverless = (...args: string[]): Promise<Ran> =>
    lambda().run([join(installed, "node_modules/.bin/osls"), ...args], {
      cwd: join(lambda().directory, "project"),
      env: { HOME: lambda().directory, SLS_TELEMETRY_DISABLED: "1", SLS_NOTIFICATIONS_MODE: "off" },
    });

  test("[SVC-277] deploy function brings code and configuration up to date, and waits for an update that goes on", async () => {
    writeFiles(join(lambda().directory, "project"), {
      "serverless.yml": project("second"),
      "index.js": handler("two"),
    });
    const deployed = await serverless("deploy", "function", "--function", "hello", "--verbose");
    expect(deployed).toMatchObject({ code: 0 });
    expect(deployed.stderr).toMatch(/Retrying configuration update.+An update is in progress for resource/u);
    const { Configuration } = await client.getFunction({ FunctionName: "web" });
    expect(Configuration).toMatchObject({ Timeout: 9, Environment: { Variables: { STAGE: "second" } } });

    const invoked = await serverless("invoke", "--function", "hello", "--log", "--data", '{"a":1}');
    const [answer = "", log] = invoked.stdout.split(/^-+$/mu);
    expect(JSON.parse(answer)).toEqual(["two", "second", { a: 1 }]);
    expect(log).toMatch(/the function said this[^]*END Duration: /u);
  });
});
