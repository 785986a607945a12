import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { readProjectFile } from "./project-file.ts";
import { ProjectFault } from "./project-fault.ts";

const file = "/work/app/lambdarium.json";
const read = (text: string) => readProjectFile(text, file);

function faultsOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ProjectFault) return error.message;
    throw error;
  }
  throw new Error("there is no fault");
}

describe("lambdarium.json", () => {
  test("names functions with paths relative to itself, and leaves out what has Lambda's default", () => {
    const { functions } = read(`{ "functions": { "hello": { "code": "./hello" } } }`);
    expect(functions).toEqual([
      {
        name: "hello",
        place: { line: 1, column: 18 },
        code: { kind: "path", path: "/work/app/hello" },
        environmentVariables: {},
        environmentFiles: [],
        layers: [],
        extensions: [],
        aliases: [],
        tags: {},
      },
    ]);
  });

  test("says where logs, metrics and traces go too", () => {
    expect(read(`{ "functions": {}, "forward": ["cloudwatch", "otlp=http://127.0.0.1:4318"] }`).forward).toEqual([
      "cloudwatch",
      "otlp=http://127.0.0.1:4318",
    ]);
    expect(read(`{ "functions": {} }`)).not.toHaveProperty("forward");
    expect(faultsOf(`{ "functions": {}, "forward": ["cloud"] }`)).toContain("does not have the form");
  });

  test("says everything a function can have", () => {
    const [read1] = read(`{
      "$schema": "./node_modules/lambdarium/schema.json",
      "layers": { "shared": "layers/shared" },
      "functions": {
        "hello": {
          "code": "build/hello.zip", "runtime": "nodejs22.x", "handler": "index.handler", "memorySizeMb": 512, "timeoutSeconds": 30,
          "environment": { "STAGE": "dev" }, "environmentFile": ".env",
          "layers": ["shared", "./vendor.zip", "arn:aws:lambda:us-east-1:123456789012:layer:vendor:3"],
          "extensions": ["bin/collector", { "name": "other", "path": "bin/collector" }],
          "logging": { "format": "JSON", "applicationLevel": "DEBUG" }, "tracing": "Active", "reservedConcurrency": 2,
          "url": { "invokeMode": "RESPONSE_STREAM" }, "aliases": { "live": { "provisionedConcurrency": 1 } },
          "asynchronous": { "maximumRetryAttempts": 0 }, "tags": { "team": "a" }
        }
      }
    }`).functions;
    expect(read1).toMatchObject({
      code: { kind: "path", path: "/work/app/build/hello.zip" },
      runtime: "nodejs22.x",
      memorySizeMb: 512,
      timeoutSeconds: 30,
      environmentVariables: { STAGE: "dev" },
      environmentFiles: ["/work/app/.env"],
      layers: [
        { kind: "path", name: "shared", path: "/work/app/layers/shared" },
        { kind: "path", name: "vendor", path: "/work/app/vendor.zip" },
        { kind: "arn", arn: "arn:aws:lambda:us-east-1:123456789012:layer:vendor:3" },
      ],
      extensions: [
        { name: "collector", path: "/work/app/bin/collector" },
        { name: "other", path: "/work/app/bin/collector" },
      ],
      logging: { format: "JSON", applicationLevel: "DEBUG" },
      url: { authType: "NONE", invokeMode: "RESPONSE_STREAM" },
      aliases: [{ name: "live", provisionedConcurrency: 1 }],
      asynchronous: { maximumRetryAttempts: 0 },
      tags: { team: "a" },
    });
  });

  test.each([
    ["{\n", `${file}:2:1: this is no JSON`],
    [`{ "functions": { "a": { "code": "." }, } }`, `${file}:1:40: this is no JSON`],
    [`[]`, `${file}:1:1: the file is an object, not a list`],
    [`{}`, `${file}:1:1: the file needs "functions"`],
    [`{ "functions": {\n "a": {}\n} }`, `${file}:2:7: functions.a needs "code"`],
    [`{ "functions": { "a b": { "code": "." } } }`, `1:18: the name "a b" in functions does not have the form`],
    [
      `{ "functions": { "a": { "code": ".",\n"timeout": 3 } } }`,
      `${file}:2:1: there is no "timeout" in functions.a; did you mean "timeoutSeconds"?`,
    ],
    [`{ "functions": { "a": { "code": ".", "hanlder": "x" } } }`, `did you mean "handler"?`],
    [
      `{ "functions": { "a": { "code": ".", "memorySizeMb": 64 } } }`,
      `1:54: functions.a.memorySizeMb is a whole number from 128 to 10240, not 64.`,
    ],
    [`{ "functions": { "a": { "code": ".", "memorySizeMb": "512" } } }`, `is a whole number, not "512"`],
    [`{ "functions": { "a": { "code": ".", "url": "yes" } } }`, `functions.a.url is true or false or an object.`],
    [`{ "functions": { "a": { "code": ".", "tracing": "On" } } }`, `is one of Active, PassThrough, not "On"`],
    [
      `{ "functions": { "a": { "code": ".", "environment": { "A": 1 } } } }`,
      `functions.a.environment.A is a text, not 1`,
    ],
    [
      `{ "functions": { "a": { "code": ".", "layers": ["shred"] } }, "layers": { "shared": "." } }`,
      `1:49: there is no layer "shred" in "layers"; did you mean "shared"?`,
    ],
    [`{ "functions": { "a": { "code": ".", "code": "." } } }`, `1:38: this is no JSON: Map keys must be unique`],
  ])("says what is wrong, and where: %s", (text, expected) => {
    expect(faultsOf(text)).toContain(expected);
  });

  test("says all that is wrong at once, in the order of the file", () => {
    const faults = faultsOf(`{ "functions": {\n"a": { "cod": "." },\n"b": { "code": 1 } } }`).split("\n");
    expect(faults.map((fault) => fault.replace(/^.*json:(\d+):.*$/u, "$1"))).toEqual(["2", "2", "3"]);
  });
});

describe("the published schema", () => {
  const schema = JSON.parse(readFileSync(new URL("./lambdarium.schema.json", import.meta.url), "utf8")) as object;
  const validate = new Ajv2020({ strict: false }).compile(schema);

  test.each([
    [`{ "functions": { "hello": { "code": "./hello" } } }`, true],
    [`{ "functions": { "hello": { "code": "./hello", "extensions": [{ "path": "x" }, "y"], "url": true } } }`, true],
    [`{ "functions": { "hello": { "code": "./hello", "timeout": 3 } } }`, false],
    [`{ "functions": { "hello": { "code": "./hello", "layers": ["./a","./b","./c","./d","./e","./f"] } } }`, false],
    [`{ "functions": { "hello": { "code": "./hello", "aliases": { "1": {} } } } }`, false],
  ])("is of one mind with the reader about %s", (text, good) => {
    expect(validate(JSON.parse(text))).toBe(good);
    expect(() => read(text)).toSatisfy((attempt: () => void) => good === succeeds(attempt));
  });
});

function succeeds(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
