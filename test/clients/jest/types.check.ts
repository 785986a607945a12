// Never run: the matchers have to be known to the types of @jest/globals.
import { expect } from "@jest/globals";
import { createDestination, createEnvironment } from "lambdarium";
import "lambdarium/jest";

const backend = await createDestination("otlp");
const environment = await createEnvironment({ function: ".", destinations: [backend] });
expect(environment).toHaveDelivered({ body: "hello" }, { times: 1 });
expect(environment).not.toHavePhase("shutdown", { atMost: "2s" });
// @ts-expect-error there is no such phase
expect(environment).toHavePhase("sleep");
const [first] = backend.received;
const signal: "logs" | "metrics" | "traces" | undefined = first?.signal;
export { signal };
