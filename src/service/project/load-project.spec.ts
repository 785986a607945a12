import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { loadProject } from "./load-project.ts";

const directories: string[] = [];

/** A directory with these files; objects become JSON. */
function project(files: Record<string, unknown>): string {
  const directory = mkdtempSync(path.join(tmpdir(), "lambdarium-project-"));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return directory;
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const load = (place: string) =>
  loadProject({ path: place, region: "us-east-1", accountId: "000000000000", parameters: {} });

const jsonTemplate = (name: string) => ({
  Resources: { [name]: { Type: "AWS::Serverless::Function", Properties: { CodeUri: "s", Runtime: "nodejs22.x" } } },
});

const template = (name: string, code = "src") =>
  `Resources: { ${name}: { Type: AWS::Serverless::Function, Properties: { CodeUri: ${code}, Handler: a.b, Runtime: nodejs22.x } } }`;

const named = async (place: string) => (await load(place)).functions.map(({ name }) => name);

describe("where the functions are read from", () => {
  test("lambdarium.json comes before a template, a template before cdk.out", async () => {
    const files = {
      "lambdarium.json": { functions: { own: { code: "." } } },
      "template.yml": template("Sam"),
      "cdk.out/manifest.json": { artifacts: {} },
    };
    const directory = project(files);
    expect(await named(directory)).toEqual(["own"]);
    rmSync(path.join(directory, "lambdarium.json"));
    expect(await named(directory)).toEqual(["Sam"]);
    rmSync(path.join(directory, "template.yml"));
    expect(await named(directory)).toEqual([]);
  });

  test.each([
    ["other.yaml", template("Sam")],
    ["other.template", template("Sam")],
    ["stack.json", jsonTemplate("Sam")],
  ])("a template of any name is taken: %s", async (name, content) => {
    const directory = project({ [name]: content });
    expect(await named(path.join(directory, name))).toEqual(["Sam"]);
  });

  test("a JSON file without Resources is one of ours", async () => {
    const directory = project({ "dev.json": { functions: { own: { code: "." } } } });
    expect(await named(path.join(directory, "dev.json"))).toEqual(["own"]);
  });

  test("a directory without any is one function", async () => {
    const directory = project({ "my code/index.mjs": "" });
    expect(await load(path.join(directory, "my code"))).toMatchObject({
      functions: [{ name: "my-code", code: { kind: "path", path: path.join(directory, "my code") } }],
    });
  });

  test("nothing at all is an error of its own", async () => {
    await expect(load("/nowhere/at/all")).rejects.toMatchObject({ code: "project-not-found" });
  });

  test("a broken file is an error with its line", async () => {
    const directory = project({ "lambdarium.json": `{\n  "functions": { "a": {} }\n}` });
    await expect(load(directory)).rejects.toMatchObject({
      code: "project-invalid",
      message: expect.stringContaining(`lambdarium.json:2:23: functions.a needs "code".`) as string,
    });
  });
});

describe("what `sam build` made", () => {
  const files = { "template.yaml": template("Sam"), ".aws-sam/build/template.yaml": template("Sam", "Sam") };

  test("is taken while it is newer than the template", async () => {
    const directory = project(files);
    utimesSync(path.join(directory, "template.yaml"), 1000, 1000);
    const { functions, file } = await load(directory);
    expect(file).toBe(path.join(directory, ".aws-sam/build/template.yaml"));
    expect(functions[0]?.code).toEqual({ kind: "path", path: path.join(directory, ".aws-sam/build/Sam") });
  });

  test("is left out, and said, when the template is newer", async () => {
    const directory = project(files);
    utimesSync(path.join(directory, ".aws-sam/build/template.yaml"), 1000, 1000);
    const { functions, findings } = await load(directory);
    expect(functions[0]?.code).toEqual({ kind: "path", path: path.join(directory, "src") });
    expect(findings[0]?.what).toContain("run `sam build`");
  });
});

describe("cdk.out", () => {
  const bucket = { "Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}" };
  const cdkFunction = (key: string, metadata: object = {}) => ({
    Type: "AWS::Lambda::Function",
    Properties: { Code: { S3Bucket: bucket, S3Key: `${key}.zip` }, Handler: "index.handler", Runtime: "nodejs22.x" },
    ...metadata,
  });
  const assets = { files: { abc: { source: { path: "asset.abc" }, destinations: { x: { objectKey: "abc.zip" } } } } };
  const stack = (templateFile: string) => ({ type: "aws:cloudformation:stack", properties: { templateFile } });

  test("code is where the metadata or the list of assets has it, in stages too", async () => {
    const directory = project({
      "cdk.out/manifest.json": {
        artifacts: {
          App: stack("App.template.json"),
          "App.assets": { type: "cdk:asset-manifest", properties: { file: "App.assets.json" } },
          stage: { type: "cdk:cloud-assembly", properties: { directoryName: "assembly-stage" } },
          tree: { type: "cdk:tree", properties: { file: "tree.json" } },
        },
      },
      "cdk.out/App.assets.json": assets,
      "cdk.out/App.template.json": {
        Resources: {
          Listed: cdkFunction("abc"),
          Tagged: cdkFunction("def", { Metadata: { "aws:asset:path": "asset.def", "aws:asset:property": "Code" } }),
          Away: cdkFunction("ghi"),
        },
      },
      "cdk.out/assembly-stage/manifest.json": { artifacts: { S: stack("S.template.json") } },
      "cdk.out/assembly-stage/S.template.json": {
        Resources: { Staged: cdkFunction("x", { Metadata: { "aws:asset:path": "../asset.def" } }) },
      },
    });
    const { functions, findings, alsoRead } = await load(directory);
    expect(functions.map(({ name, code }) => [name, code])).toEqual([
      ["Listed", { kind: "path", path: path.join(directory, "cdk.out/asset.abc") }],
      ["Tagged", { kind: "path", path: path.join(directory, "cdk.out/asset.def") }],
      ["Staged", { kind: "path", path: path.join(directory, "cdk.out/asset.def") }],
    ]);
    expect(findings).toEqual([
      {
        place: {
          line: 1,
          column: expect.any(Number) as number,
          file: path.join(directory, "cdk.out/App.template.json"),
        },
        what: "Away is left out: its code is in S3, not on this machine; a template from before it was packaged names the directory",
      },
    ]);
    expect(alsoRead).toEqual([
      path.join(directory, "cdk.out/App.template.json"),
      path.join(directory, "cdk.out/assembly-stage/S.template.json"),
    ]);
  });
});
