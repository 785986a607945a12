/** What both hosts do for the benchmark: say where they listen, how much processor time they took, and stop when told. */
export function tellBenchmark(port, stop) {
  const tellProcessorTime = () => {
    const { user, system } = process.cpuUsage();
    process.send({ us: user + system });
  };
  const end = async () => {
    await stop();
    process.disconnect();
  };
  process.on("message", (message) => void (message === "stop" ? end() : tellProcessorTime()));
  process.send({ port });
}
