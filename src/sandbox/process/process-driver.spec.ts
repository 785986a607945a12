import { describeSandboxDriver } from "../../../test/contract/sandbox-driver.ts";
import { createProcessDriver } from "./process-driver.ts";

describeSandboxDriver(createProcessDriver());
