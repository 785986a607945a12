import { expect, test } from "vitest";
import type { Project, ProjectFunction } from "../project/project.ts";
import { affectedBy, watchPlan } from "./watch-plan.ts";

const place = { line: 1, column: 1 };

const one = (name: string, more: Partial<ProjectFunction> = {}): ProjectFunction => ({
  name,
  place,
  code: { kind: "path", path: `/app/${name}` },
  environmentVariables: {},
  environmentFiles: [],
  layers: [],
  extensions: [],
  aliases: [],
  tags: {},
  ...more,
});

function planOf(...functions: ProjectFunction[]) {
  const project: Project = {
    file: "/app/lambdarium.json",
    chosen: "/app/lambdarium.json",
    functions,
    findings: [],
    alsoRead: ["/app/also.yaml"],
  };
  return watchPlan(
    project,
    functions.map((project) => ({
      project,
      codePath: `/app/${project.name}`,
      bundledFrom: [`/app/src/${project.name}.ts`],
    })),
  );
}

const plan = planOf(
  one("a", { layers: [{ kind: "path", name: "l", path: "/app/layer" }] }),
  one("b", {
    layers: [
      { kind: "path", name: "l", path: "/app/layer" },
      { kind: "arn", arn: "arn:aws:lambda:us-east-1:1:layer:x:1" },
    ],
    extensions: [{ name: "x", path: "/app/bin/x" }],
    environmentFiles: ["/app/.env"],
  }),
);

test.each([
  [["/app/a/index.mjs"], { project: false, code: ["a"], whole: [] }],
  [["/app/a"], { project: false, code: ["a"], whole: [] }],
  [["/app/ab/index.mjs"], { project: false, code: [], whole: [] }],
  [["/app/layer/nodejs/x.js"], { project: false, code: [], whole: ["a", "b"] }],
  [["/app/bin/x", "/app/b/index.mjs", "/app/a/index.mjs"], { project: false, code: ["a"], whole: ["b"] }],
  [["/app/src/b.ts"], { project: false, code: [], whole: ["b"] }],
  [["/app/.env"], { project: false, code: [], whole: ["b"] }],
  [["/app/lambdarium.json"], { project: true, code: [], whole: [] }],
  [["/app/also.yaml"], { project: true, code: [], whole: [] }],
  [["/app/a/node_modules/lib/index.js"], { project: false, code: [], whole: [] }],
  [["/app/a/node_modules/.package-lock.json"], { project: false, code: ["a"], whole: [] }],
  [
    ["/app/a/.git/HEAD", "/app/a/__pycache__/x.pyc", "/app/a/.lambdarium/service.db"],
    { project: false, code: [], whole: [] },
  ],
  [["/elsewhere"], { project: false, code: [], whole: [] }],
])("%j means %j", (changed, expected) => {
  const { project, code, whole } = affectedBy(changed, plan);
  expect({ project, code: [...code], whole: [...whole] }).toEqual(expected);
});

test("code below a directory of tools is watched when it is the function's own", () => {
  const built = planOf(one("a"));
  const roots = [{ path: "/app/.aws-sam/build/a", concerns: { kind: "code" as const, functionName: "a" } }];
  expect(affectedBy(["/app/.aws-sam/build/a/index.js"], { ...built, roots }).code).toEqual(new Set(["a"]));
});

test("the code of one function alone is no file that describes a project", () => {
  const alone = one("a", { code: { kind: "path", path: "/app/a" } });
  const project: Project = { file: "/app/a", chosen: "/app/a", functions: [alone], findings: [], alsoRead: [] };
  const { roots } = watchPlan(project, [{ project: alone, codePath: "/app/a", bundledFrom: [] }]);
  expect(roots).toEqual([{ path: "/app/a", concerns: { kind: "code", functionName: "a" } }]);
});
