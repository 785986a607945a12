import { defineConfig } from "vitest/config";

const sandboxDrivers = ["src/sandbox/process/**", "src/sandbox/linux/**"];

// Unit tests stand beside the code they prove and load it as it is written. Acceptance, conformance and client tests
// load the built package by its own name, as a user does; `npm test` builds it first.
export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests here run hundreds of real processes, some on a fraction of a processor. Where other work takes the processors
    // away for seconds, a test gets another try, and the report says so; nothing that is broken passes by it.
    retry: process.env["CI"] === undefined ? 0 : 2,
    // Each test file with real processes starts several of its own: more at once take the time from one another.
    maxWorkers: 2,
    projects: [
      // Spec after spec in one process: to load what they have in common took longer than to run them. None leaves anything behind.
      {
        extends: true,
        test: { name: "unit", include: ["src/**/*.spec.ts"], exclude: sandboxDrivers, isolate: false },
      },
      // Hundreds of real programs, some on a fraction of a processor, take their time: not part of the quick loop, `npm run check`.
      { extends: true, test: { name: "processes", include: ["src/sandbox/process/**/*.spec.ts"] } },
      { extends: true, test: { name: "sandbox", include: ["src/sandbox/linux/**/*.spec.ts"] } },
      {
        extends: true,
        test: {
          name: "acceptance",
          include: ["test/acceptance/**/*.spec.ts", "test/conformance/**/*.spec.ts", "examples/tests/*.test.ts"],
        },
      },
      {
        extends: true,
        test: { name: "clients", include: ["test/clients/**/*.spec.ts"], testTimeout: 300_000, hookTimeout: 600_000 },
      },
    ],
  },
});
