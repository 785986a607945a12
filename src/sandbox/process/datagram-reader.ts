/** Reads what processes send as datagrams, always and at once: nobody who sends is ever kept waiting (OBS-84). */
import { createSocket, type Socket } from "node:dgram";
import type { ReadMeter } from "./output-reader.ts";

/** What gathers in the kernel while we are busy; it may give less. */
const wantedBufferBytes = 4 * 1024 * 1024;

/** A socket that is still to be bound. */
export function readDatagrams(onDatagram: (bytes: Uint8Array) => void, meter: ReadMeter): Socket {
  const socket = createSocket("udp4");
  socket.once("listening", () => {
    meter.open += 1;
    socket.once("close", () => (meter.open -= 1));
    socket.setRecvBufferSize(wantedBufferBytes);
  });
  socket.on("message", (bytes) => {
    meter.pieces += 1;
    onDatagram(bytes);
  });
  // Once it is bound, what it could complain about is a datagram that is lost anyway.
  socket.on("error", () => undefined);
  return socket;
}
