/** A new project of a function: its code, a test, and what makes an archive of it. */
import {
  compilerOptions,
  fenced,
  ignored,
  json,
  manifest,
  type NewProject,
  type ProjectFiles,
} from "./project-files.ts";

export const functionProject = (project: NewProject): ProjectFiles => ({
  ".gitignore": ignored,
  "README.md": readme(project.name),
  "function/index.mjs": source,
  "lambdarium.json": json({
    $schema: "node_modules/lambdarium/dist/service/project/lambdarium.schema.json",
    functions: { [project.name]: { code: "function", url: true } },
  }),
  "package.json": manifest(project, {
    test: "node --test",
    types: "tsc",
    try: 'lambdarium invoke function --event \'{"name":"Ada"}\'',
    start: "lambdarium start",
    pack: `lambdarium pack function --function --output dist/${project.name}.zip`,
  }),
  [`test/${project.name}.test.mjs`]: test,
  "tsconfig.json": json({
    compilerOptions: { ...compilerOptions, allowJs: true, checkJs: true },
    include: ["function"],
  }),
});

const source = `// What stands outside the handler runs once, in the Init phase; every invocation of an environment finds it here.
let invocations = 0;

/** @param {{ name?: string }} event */
export const handler = async (event) => {
  invocations += 1;
  console.log(\`invocation \${invocations}\`);
  return { message: \`Hello, \${event.name ?? "world"}!\`, invocations };
};
`;

const test = `import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnvironment } from "lambdarium";

test("greets, and keeps what it has from one invocation to the next", async () => {
  const environment = await createEnvironment({ function: "function" });
  try {
    const { payload } = await environment.invoke({ name: "Ada" });
    assert.deepEqual(payload, { message: "Hello, Ada!", invocations: 1 });
    assert.equal((await environment.invoke()).payload.invocations, 2);
  } finally {
    await environment.shutdown();
  }
});
`;

const readme = (name: string): string => `# ${name}

A function of AWS Lambda.

${fenced("sh", [
  "npm install",
  "npm test         # in a real environment, on this machine",
  "npm run try      # invokes it once, and shows when what happened",
  "npm start        # serves it to AWS's own clients and at an address, and again as you save",
  `npm run pack     # dist/${name}.zip, its code, checked for what would fail on Lambda`,
])}

Deploy it:

${fenced("sh", [
  `aws lambda create-function --function-name ${name} --runtime nodejs22.x --handler index.handler \\`,
  `  --role ROLE_ARN --zip-file fileb://dist/${name}.zip`,
])}
`;
