// The service in a process of its own, without stores: settings in, messages out.
import { openService } from "../test/fixtures/library-hosts/open-service.mjs";

const { door, invoker, closeRest } = await openService(process.argv[2]);
const stop = async () => {
  await invoker.kill();
  await closeRest();
  process.disconnect();
};
const tellProcessorTime = () => {
  const { user, system } = process.cpuUsage();
  process.send({ us: user + system });
};
process.on("message", (message) => void (message === "stop" ? stop() : tellProcessorTime()));
process.send({ port: door.port });
