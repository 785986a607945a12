/** The life of a function by both versions of the AWS CLI, which are told the endpoint and nothing else. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { describeClient } from "./installed-client.ts";
import { type Ran, withLambda } from "./served-lambda.ts";

interface Cli {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

describeClient("aws-cli", (installed) => {
  const env = { PYTHONPATH: join(installed, "python") };
  wholeLife({ command: ["python3", "-m", "awscli"], env });
});

describeClient("aws-cli-2", (installed) => {
  wholeLife({ command: [join(installed, "aws")], env: {} });
});

function wholeLife({ command, env }: Cli): void {
  const lambda = withLambda();

  // Debian's version 2 is older than the variable AWS_ENDPOINT_URL.
  const run = (...args: string[]): Promise<Ran> =>
    lambda().run([...command, "--endpoint-url", lambda().endpoint, ...args], { env });
  // oxlint-disable-next-line typescript/no-explicit-any -- what the CLI prints
  const aws = async (...args: string[]): Promise<any> => {
    const { code, stdout, stderr } = await run("--output", "json", "lambda", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout || "{}");
  };
  const refusal = async (...args: string[]): Promise<string> => (await run("lambda", ...args)).stderr;

  const place = (name: string): string => join(lambda().directory, name);
  async function archive(name: string, files: Parameters<typeof zip>[0]): Promise<string> {
    await writeFile(place(name), Buffer.from(await zip(files), "base64"));
    return `fileb://${name}`;
  }
  const code = (word: string): Promise<string> =>
    archive(`${word}.zip`, {
      "index.js": `exports.handler = async (event) => { console.log("said"); return ["${word}", require("words"), event]; };`,
    });
  async function layer(word: string): Promise<string> {
    const file = await archive("layer.zip", { "nodejs/node_modules/words/index.js": `module.exports = "${word}";` });
    const made = await aws("publish-layer-version", "--layer-name", "words", "--zip-file", file);
    return made.LayerVersionArn;
  }
  const result = async (): Promise<unknown> => JSON.parse(await readFile(place("out.json"), "utf8"));

  test("[SVC-271] [SVC-47] a function with layers, a version, an alias and a URL from its creation to its deletion", async () => {
    const named = ["--function-name", "f"];
    const made = ["--runtime", "nodejs22.x", "--handler", "index.handler", "--role", role];
    const first = ["--zip-file", await code("one"), "--layers", await layer("word")];
    await aws("create-function", ...named, ...made, ...first);
    await aws("wait", "function-active-v2", ...named);
    const invoked = await aws("invoke", ...named, "--log-type", "Tail", "out.json");
    expect(await result()).toEqual(["one", "word", {}]);
    expect(Buffer.from(invoked.LogResult, "base64").toString()).toMatch(/START RequestId[^]*said[^]*REPORT RequestId/u);

    await aws("update-function-code", ...named, "--zip-file", await code("two"));
    await aws("wait", "function-updated", ...named);
    expect(await aws("publish-version", ...named)).toMatchObject({ Version: "1" });
    await aws("wait", "published-version-active", ...named, "--qualifier", "1");
    await aws("create-alias", ...named, "--name", "prod", "--function-version", "1");
    await aws("update-function-configuration", ...named, "--layers", await layer("other word"));
    await aws("wait", "function-updated-v2", ...named);
    await writeFile(place("event.json"), '{"a":1}');
    const asked = ["--qualifier", "prod", "--payload", "fileb://event.json"];
    const byAlias = await aws("invoke", ...named, ...asked, "out.json");
    expect(byAlias).toMatchObject({ StatusCode: 200, ExecutedVersion: "1" });
    expect(await result()).toEqual(["two", "word", { a: 1 }]);
    await aws("invoke", ...named, "out.json");
    expect(await result()).toEqual(["two", "other word", {}]);

    const onAlias = [...named, "--qualifier", "prod"];
    const { FunctionUrl } = await aws("create-function-url-config", ...onAlias, "--auth-type", "NONE");
    expect(await (await fetch(FunctionUrl)).json()).toMatchObject(["two", "word", { version: "2.0" }]);
    const { Layers } = await aws("list-layers");
    expect(Layers).toMatchObject([{ LayerName: "words", LatestMatchingVersion: { Version: 2 } }]);
    expect((await aws("list-versions-by-function", ...named)).Versions).toHaveLength(2);

    await aws("delete-function-url-config", ...onAlias);
    await aws("delete-alias", ...named, "--name", "prod");
    await aws("delete-function", ...named);
    expect(await refusal("get-function", ...named)).toContain("(ResourceNotFoundException)");
    for (const version of ["1", "2"])
      await aws("delete-layer-version", "--layer-name", "words", "--version-number", version);
    expect(await aws("list-layers")).toEqual({ Layers: [] });
  });

  test("[SVC-54] both spellings of a directory", async () => {
    const { directory } = lambda();
    await writeFile(place("index.js"), "exports.handler = async () => 1;");
    const made = ["--runtime", "nodejs22.x", "--handler", "index.handler", "--role", role];
    const asUri = `S3Bucket=local-dir,S3Key=file://${directory}`;
    await aws("create-function", "--function-name", "d", ...made, "--code", asUri);
    await aws("update-function-code", "--function-name", "d", "--s3-bucket", "local-dir", "--s3-key", directory);
    await aws("invoke", "--function-name", "d", "out.json");
    expect(await result()).toBe(1);
  });
}
