// An external extension: it is started before the runtime, hears of every invocation, and of the end.
import { defineExtension } from "lambdarium/extension";

defineExtension({
  // What has to be ready before the first invocation is made ready here: Init lasts until it is.
  onInit: () => console.log("registered"),
  onInvoke: ({ requestId }) => console.log(`invocation ${requestId}`),
  // At most two seconds are left, and less when other extensions are slow.
  onShutdown: ({ shutdownReason }) => console.log(`ends, reason ${shutdownReason}`),
});
