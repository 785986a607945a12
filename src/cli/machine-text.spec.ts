import { expect, test } from "vitest";
import { machineLines } from "./machine-text.ts";

test("shows runtimes and drivers as a table", () => {
  const report = {
    system: "linux x64",
    auto: "process" as const,
    runtimes: [
      { identifier: "nodejs22.x", status: "exact" as const, interpreter: { file: "/usr/bin/node", version: "22.1.0" } },
      {
        identifier: "nodejs24.x",
        status: "nearest" as const,
        interpreter: { file: "/usr/bin/node", version: "22.1.0" },
        hint: "Install Node.js 24.",
      },
      { identifier: "python3.13", status: "missing" as const, hint: "Install Python 3.13." },
      { identifier: "provided.al2023", status: "own" as const },
    ],
    sandboxes: [
      { driver: "linux" as const, available: false, hint: "Not here.", features: [] },
      {
        driver: "process" as const,
        available: true,
        features: [
          { feature: "user" as const, level: "not enforced" as const, reason: "yours" },
          { feature: "freeze" as const, level: "enforced" as const, reason: "" },
        ],
      },
    ],
  };
  expect(machineLines(report, { columns: undefined, colour: false })).toEqual([
    "Lambdarium on linux x64",
    "",
    "Runtimes",
    "  nodejs22.x              exact         22.1.0 (/usr/bin/node)",
    "  nodejs24.x              nearest       stands in: 22.1.0 (/usr/bin/node). Install Node.js 24.",
    "  python3.13              missing       Install Python 3.13.",
    "  provided.al2023         own           the function brings its own program, named bootstrap",
    "",
    "Sandbox driver linux",
    "                          not available Not here.",
    "",
    "Sandbox driver process, which --sandbox auto takes",
    "  user                    not enforced  yours",
    "  freeze                  enforced",
  ]);
});
