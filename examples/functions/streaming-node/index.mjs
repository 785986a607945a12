import { setTimeout as pause } from "node:timers/promises";

// `awslambda` is a global of Lambda's Node.js runtime. The caller reads each piece as soon as it is written, if it
// asked for a stream; a plain invoke gets all of them at the end.
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  responseStream.setContentType("text/plain");
  for (let piece = 1; piece <= (event.pieces ?? 3); piece++) {
    responseStream.write(`piece ${piece}\n`);
    await pause(100);
  }
  // Without `end` the invocation would wait for its timeout.
  responseStream.end();
});
