/** Which program becomes the runtime: bootstraps, managed runtimes, and wrapper scripts. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { open, said, writeCode } from "../fixtures/environments.ts";
import { echo, program, programOfAnotherCpu } from "../fixtures/programs.ts";

const provided = { runtime: "provided.al2023", handler: "any" };
const answers = (text: string): string => program(`await serve(() => ${JSON.stringify(JSON.stringify(text))});`);
const noBootstrap = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";

test("[ENV-62] takes the bootstrap of the code before that of a layer", async () => {
  const layers = [writeCode({ bootstrap: answers("layer") })];
  const both = await open({ ...provided, files: { bootstrap: answers("code") }, layers });
  expect((await both.invoke()).payload).toBe("code");
  await both.kill();
  const one = await open({ ...provided, files: { "other.txt": "" }, layers });
  expect((await one.invoke()).payload).toBe("layer");
});

test("[ENV-63] takes no directory for a bootstrap", async () => {
  const layers = [writeCode({ bootstrap: answers("layer") })];
  const environment = await open({ ...provided, files: { "bootstrap/file": "" }, layers });
  expect((await environment.invoke()).payload).toBe("layer");
});

test("[ENV-64] starts it without arguments", async () => {
  const environment = await open({ bootstrap: "await serve(() => JSON.stringify(process.argv.slice(2)));" });
  expect((await environment.invoke()).payload).toEqual([]);
});

const executing = "fork/exec /var/task/bootstrap:";
const cases = [
  { what: "is missing", files: {}, modes: {}, text: noBootstrap },
  {
    what: "cannot be executed",
    files: { bootstrap: program(echo) },
    modes: { bootstrap: 0o644 },
    text: `${executing} permission denied`,
  },
  {
    what: "has no #! line",
    files: { bootstrap: "echo hello\n" },
    modes: { bootstrap: 0o755 },
    text: `${executing} exec format error`,
  },
  {
    what: "is for another CPU",
    files: { bootstrap: programOfAnotherCpu() },
    modes: { bootstrap: 0o755 },
    text: `${executing} exec format error`,
  },
];

test.each(cases)(
  "[ENV-64, ENV-65, ENV-66, LIFE-55, RT-106] fails both attempts with Runtime.InvalidEntrypoint when the bootstrap $what",
  async ({ files, modes, text }) => {
    const code = writeCode({ "other.txt": "", ...files });
    for (const [name, mode] of Object.entries(modes)) chmodSync(join(code, name), mode);
    const environment = await open({ ...provided, function: code });
    const { requestId, payload, functionError, logTail } = await environment.invoke();
    expect(payload).toEqual({
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: `RequestId: ${requestId} Error: ${text}`,
    });
    expect(functionError).toBe("Unhandled");
    expect(logTail.match(/Phase: (init|invoke)\tStatus: error\tError Type: Runtime\.InvalidEntrypoint/g)).toEqual([
      "Phase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint",
      "Phase: invoke\tStatus: error\tError Type: Runtime.InvalidEntrypoint",
    ]);
  },
);

test("[ENV-67] does not execute a file bootstrap in the package of a managed runtime", async () => {
  const environment = await open({
    files: { "index.mjs": "export const handler = async () => 'managed';", bootstrap: answers("bootstrap") },
    runtime: "nodejs22.x",
    handler: "index.handler",
  });
  expect((await environment.invoke()).payload).toBe("managed");
});

const node = {
  files: { "index.mjs": "export const handler = async () => ({ seen: process.env.SEEN, flags: process.execArgv });" },
  runtime: "nodejs22.x",
};
const wrapper = (text: string) => ({
  AWS_LAMBDA_EXEC_WRAPPER: join(writeCode({ wrapper: `#!/bin/sh\n${text}` }), "wrapper"),
});

test("[ENV-71, ENV-72] starts the wrapper with interpreter and arguments, and what it exports reaches the code", async () => {
  const environment = await open({
    ...node,
    environmentVariables: wrapper('echo "wrapped $(basename "$1")"\nexport SEEN=exported\nexec "$@"\n'),
  });
  expect((await environment.invoke()).payload).toMatchObject({ seen: "exported" });
  expect(environment.telemetry.filter(({ type }) => type === "function")).toMatchObject([{ record: "wrapped node\n" }]);
});

test("[ENV-73] hands on arguments that the wrapper inserts after the interpreter", async () => {
  const environment = await open({
    ...node,
    environmentVariables: wrapper('node=$1\nshift\nexec "$node" --stack-trace-limit=7 "$@"\n'),
  });
  const { flags } = (await environment.invoke()).payload as { flags: string[] };
  expect(flags).toContain("--stack-trace-limit=7");
});

test("[ENV-74] ends with status 127 when there is no such wrapper", async () => {
  const environment = await open({
    ...node,
    environmentVariables: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/no-such-wrapper" },
  });
  const { requestId, payload } = await environment.invoke();
  expect(payload).toEqual({
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 127`,
  });
});

test("[ENV-75] ignores the wrapper with provided runtimes", async () => {
  const environment = await open({ environmentVariables: wrapper("exit 1\n") });
  expect((await environment.invoke("plain")).payload).toBe("plain");
});

test("[ENV-76] never wraps extensions", async () => {
  const environment = await open({
    ...node,
    environmentVariables: wrapper('export SEEN=exported\nexec "$@"\n'),
    extensions: { teller: 'say({ seen: process.env.SEEN ?? "nothing" }); await follow((await register([])).id);' },
  });
  await environment.invoke();
  expect(said(environment, "extension")).toEqual([{ seen: "nothing" }]);
});

test("[ENV-77] lets NODE_OPTIONS reach the interpreter", async () => {
  const environment = await open({
    files: { "index.mjs": "export const handler = async () => Error.stackTraceLimit;" },
    environmentVariables: { NODE_OPTIONS: "--stack-trace-limit=7" },
  });
  expect((await environment.invoke()).payload).toBe(7);
});

// What no Node.js, no library and no HTTP client is part of: a shell that speaks the Runtime API over its own sockets.
const shell = `#!/bin/bash
host=\${AWS_LAMBDA_RUNTIME_API%:*} port=\${AWS_LAMBDA_RUNTIME_API#*:}
api=/2018-06-01/runtime/invocation
while :; do
  exec 3<>/dev/tcp/$host/$port
  printf 'GET %s/next HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' $api $AWS_LAMBDA_RUNTIME_API >&3
  answer=$(tr -d '\\r' <&3)
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p' <<<"$answer")
  exec 3<>/dev/tcp/$host/$port
  printf 'POST %s/%s/response HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\nContent-Length: 12\\r\\n\\r\\n"from bash!"' $api "$id" $AWS_LAMBDA_RUNTIME_API >&3
  cat <&3 >/dev/null
done
`;

test.skipIf(!existsSync("/bin/bash"))("[ENV-149] works with any executable that speaks the Runtime API", async () => {
  expect(execFileSync("/bin/bash", ["-c", "echo works"]).toString()).toBe("works\n");
  const environment = await open({ ...provided, files: { bootstrap: shell } });
  expect((await environment.invoke()).payload).toBe("from bash!");
  expect((await environment.invoke()).payload).toBe("from bash!");
});
