/** Fake back ends, crashes and freezes where programs have a network and a freezer of their own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createDestination } from "lambdarium";
import "lambdarium/vitest";
import { expect, test } from "vitest";
import { obstacle, openLinux, whySkipped } from "../fixtures/linux-environments.ts";

const shipper = fileURLToPath(new URL("../../examples/tests/shipper.mjs", import.meta.url));
const hasPasta = spawnSync("pasta", ["--version"]).error === undefined;

const canBeTested = obstacle === undefined && hasPasta;

test.skipIf(!canBeTested)(
  `an extension reaches them by the name of this machine, also after a crash and a long freeze${whySkipped}`,
  async () => {
    await using backend = await createDestination("webhook", { variable: "SHIP_TO" });
    const env = await openLinux({ extensionPaths: [shipper], destinations: [backend] });
    await env.invoke();
    await env.freezeFor("5m");
    await env.crash("shipper.mjs");
    expect(await env.invoke()).toMatchObject({ errorType: "Extension.Crash" });
    await env.invoke();
    await env.shutdown();
    expect(env).toHaveDelivered(
      [
        { type: "platform.report", record: { status: "success" } },
        { type: "platform.report", record: { errorType: "Extension.Crash" } },
        { type: "platform.report", record: { status: "success" } },
      ],
      { to: "webhook" },
    );
  },
);
