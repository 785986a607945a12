// Gives back what it is sent: an invocation in which nothing but the way counts.
import { createServer } from "node:net";

createServer((socket) => socket.setNoDelay().pipe(socket)).listen(4300, "0.0.0.0", () =>
  process.stdout.write("ready\n"),
);
