/** A new project of an extension: its source, a test with a back end that fails, and what makes a layer of it. */
import {
  compilerOptions,
  fenced,
  ignored,
  json,
  manifest,
  type NewProject,
  type ProjectFiles,
} from "./project-files.ts";

export const extensionProject = (project: NewProject): ProjectFiles => ({
  ".gitignore": ignored,
  "README.md": readme(project.name),
  "function/index.mjs": exampleFunction,
  "package.json": manifest(project, {
    test: "node --test",
    types: "tsc",
    try: `lambdarium invoke function --extension src/${project.name}.ts --event '{"name":"Ada"}' --count 3`,
    pack: `lambdarium pack src/${project.name}.ts --output dist/${project.name}.zip`,
  }),
  [`src/${project.name}.ts`]: source,
  [`test/${project.name}.test.mjs`]: test(project.name),
  "tsconfig.json": json({ compilerOptions, include: ["src"] }),
});

const source = `import { defineExtension } from "lambdarium/extension";
import { webhook } from "lambdarium/extension/destinations/webhook";

// Set it on the function: extensions see the function's variables.
const url = process.env.SHIP_TO ?? "http://localhost:8000/";

defineExtension({
  onInvoke: ({ requestId }) => console.log(\`invocation \${requestId}\`),
  deliver: {
    to: webhook({ url }),
    // Before anything is written to disk.
    transform: (one) => one,
  },
});
`;

const exampleFunction = `/** What the extension is tried with. */
export const handler = async (event) => {
  console.log(\`hello \${event.name}\`);
  return { hello: event.name };
};
`;

const test = (name: string): string => `import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertDelivered, createDestination, createEnvironment } from "lambdarium";

const backEnd = await createDestination("webhook", { variable: "SHIP_TO" });
after(() => backEnd.close());

const newEnvironment = () =>
  createEnvironment({ function: "function", extensions: ["src/${name}.ts"], destinations: [backEnd] });

test("everything arrives, once, the last report included", async () => {
  backEnd.clear();
  const environment = await newEnvironment();
  try {
    const { payload } = await environment.invoke({ name: "Ada" });
    assert.deepEqual(payload, { hello: "Ada" });
  } finally {
    await environment.shutdown();
  }
  assertDelivered(backEnd, { type: "function", record: /hello Ada/ }, { times: 1 });
  assertDelivered(backEnd, { type: "platform.report" }, { times: 1 });
  assert.deepEqual(environment.snapshot.extensions[0].exit, { code: 0, signal: null });
});

test("a back end that is down for a while loses nothing", async () => {
  backEnd.clear();
  const environment = await newEnvironment();
  try {
    backEnd.fail(503);
    await environment.invoke({ name: "Grace" });
    await backEnd.recover();
    await environment.invoke({ name: "Barbara" });
  } finally {
    await environment.shutdown();
  }
  for (const who of ["Grace", "Barbara"])
    assertDelivered(backEnd, { type: "function", record: new RegExp(\`hello \${who}\`) }, { times: 1 });
});
`;

const readme = (name: string): string => `# ${name}

An extension of AWS Lambda that ships a function's telemetry to where \`SHIP_TO\` says.

${fenced("sh", [
  "npm install",
  "npm test         # in real environments, on this machine, against a back end that fails",
  "npm run try      # invokes function/ with the extension, and shows when what happened",
  `npm run pack     # dist/${name}.zip, a layer, checked for what would fail on Lambda`,
])}

Publish it, and add it to a function whose runtime is Node.js:

${fenced("sh", [
  `aws lambda publish-layer-version --layer-name ${name.replaceAll(/[^\w-]/g, "-")} --zip-file fileb://dist/${name}.zip \\`,
  "  --compatible-runtimes nodejs20.x nodejs22.x nodejs24.x",
  "aws lambda update-function-configuration --function-name my-function --layers LAYER_VERSION_ARN \\",
  "  --environment 'Variables={SHIP_TO=https://example.com/logs}'",
])}

For other runtimes, \`lambdarium pack src/${name}.ts --standalone\` makes one program with Node.js inside.
`;
