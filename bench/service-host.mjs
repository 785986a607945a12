// The service in a process of its own, without stores: settings in, messages out.
import { openService } from "../test/fixtures/library-hosts/open-service.mjs";
import { tellBenchmark } from "./told-host.mjs";

const { door, invoker, closeRest } = await openService(process.argv[2]);
tellBenchmark(door.port, async () => {
  await invoker.kill();
  await closeRest();
});
