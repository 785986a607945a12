import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f");
});
afterEach(() => service.close());

test("[SVC-264] has no code signing for a function, and says whether there is one", async () => {
  expect(await service.call("GET /2020-06-30/functions/f/code-signing-config")).toMatchObject({
    status: 200,
    body: { FunctionName: "f" },
  });
  expect((await service.call("GET /2020-06-30/functions/f/code-signing-config")).body).not.toHaveProperty(
    "CodeSigningConfigArn",
  );
  expect((await service.call("GET /2020-06-30/functions/none/code-signing-config")).status).toBe(404);
});

test("[SVC-265] keeps how runtimes are updated, but has no versions to choose", async () => {
  const path = "/2021-07-20/functions/f/runtime-management-config";
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  expect((await service.call(`GET ${path}`)).body).toEqual({ FunctionArn: arn, UpdateRuntimeOn: "Auto" });
  expect((await service.call(`PUT ${path}`, { UpdateRuntimeOn: "FunctionUpdate" })).status).toBe(200);
  expect((await service.call(`GET ${path}`)).body.UpdateRuntimeOn).toBe("FunctionUpdate");
  const RuntimeVersionArn = "arn:aws:lambda:us-east-1::runtime:x";
  expect(await service.call(`PUT ${path}`, { UpdateRuntimeOn: "Manual", RuntimeVersionArn })).toMatchObject({
    status: 400,
    error: "InvalidParameterValueException",
  });
  expect((await service.call(`GET ${path}`)).body.UpdateRuntimeOn).toBe("FunctionUpdate");
});

test("[SVC-266] keeps what to do about loops", async () => {
  const path = "/2024-08-31/functions/f/recursion-config";
  expect((await service.call(`GET ${path}`)).body).toEqual({ RecursiveLoop: "Terminate" });
  expect((await service.call(`PUT ${path}`, { RecursiveLoop: "Allow" })).body).toEqual({ RecursiveLoop: "Allow" });
  expect((await service.call(`GET ${path}`)).body).toEqual({ RecursiveLoop: "Allow" });
  const wrong = await service.call(`PUT ${path}`, { RecursiveLoop: "Never" });
  expect(wrong.error).toBe("ValidationException");
  expect(wrong.body.message).toContain("Value 'Never' at 'recursiveLoop' failed to satisfy constraint");
});

test("[SVC-267] lists no event sources and no signing configurations", async () => {
  expect(await service.call("GET /2015-03-31/event-source-mappings?FunctionName=f&MaxItems=100")).toMatchObject({
    status: 200,
    body: { EventSourceMappings: [] },
  });
  expect(
    (await service.call("GET /2015-03-31/event-source-mappings/00000000-0000-0000-0000-000000000000")).status,
  ).toBe(404);
  expect(await service.call("GET /2020-04-22/code-signing-configs")).toMatchObject({
    status: 200,
    body: { CodeSigningConfigs: [] },
  });
});
