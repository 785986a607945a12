/** What the programs of one environment share in the sandbox that isolates. */
import { describe, expect, test } from "vitest";
import { said } from "../fixtures/environment-readings.ts";
import { obstacle, openLinux, whySkipped } from "../fixtures/linux-environments.ts";

describe.skipIf(obstacle)(`what programs share${whySkipped}`, () => {
  test("[ENV-11] function and extensions see each other's files in /tmp", async () => {
    const environment = await openLinux({
      module: `
        import { readFileSync, writeFileSync } from "node:fs";
        export const handler = async () => { writeFileSync("/tmp/of-function", "f"); return readFileSync("/tmp/of-extension", "utf8"); };`,
      extensions: {
        sharer: `
          const { readFileSync, writeFileSync } = require("node:fs");
          writeFileSync("/tmp/of-extension", "e");
          await follow((await register(["INVOKE", "SHUTDOWN"])).id, async ({ eventType }) => {
            if (eventType === "SHUTDOWN") say({ found: readFileSync("/tmp/of-function", "utf8") });
          });`,
      },
    });
    expect((await environment.invoke()).payload).toBe("e");
    await environment.shutdown();
    expect(said(environment, "extension")).toEqual([{ found: "f" }]);
  });

  test("[ENV-90, ENV-93] descriptors that a handler leaks count on in the next invocation", async () => {
    const environment = await openLinux({
      module: `
        import { openSync } from "node:fs";
        export const handler = async ({ leak }) => {
          for (let opened = 0; opened < leak; opened++)
            try { openSync("/dev/null"); } catch ({ code }) { return { opened, code }; }
          return { opened: leak };
        };`,
    });
    expect((await environment.invoke({ leak: 700 })).payload).toEqual({ opened: 700 });
    const { opened, code } = (await environment.invoke({ leak: 700 })).payload as { opened: number; code: string };
    expect(code).toBe("EMFILE");
    expect(opened).toBeLessThan(1024 - 700);
  });
});
