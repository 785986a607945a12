// The service in a process of its own, without stores: settings in, messages out.
import { openFrontDoor } from "../dist/aws-api/front-door.js";
import { openControlPlane } from "../dist/service/control-plane.js";
import { createInvoker } from "../dist/service/invoker.js";
import { lambdaApi, unknownOperation } from "../dist/service/lambda-api.js";
import { MovableClock } from "../dist/service/movable-clock.js";
import { defaultServiceSettings } from "../dist/service/settings.js";

const settings = { ...defaultServiceSettings, ...JSON.parse(process.argv[2] ?? "{}") };
const clock = new MovableClock();
const faulted = (cause) => console.error(cause);
const controlPlane = await openControlPlane({ settings, clock });
const { directory } = controlPlane;
const invoker = await createInvoker({ directory, settings, clock, host: { sandbox: "process" }, faulted });
controlPlane.usePools(invoker.pools);
const apis = [...invoker.apis, lambdaApi({ controlPlane, invocation: invoker.handlers })];
const door = await openFrontDoor({ port: 0, apis, unclaimed: unknownOperation, faulted });

const stop = async () => {
  await invoker.kill();
  await door.close(1000);
  await controlPlane.close();
  process.disconnect();
};
const tellProcessorTime = () => {
  const { user, system } = process.cpuUsage();
  process.send({ us: user + system });
};
process.on("message", (message) => void (message === "stop" ? stop() : tellProcessorTime()));
process.send({ port: door.port });
