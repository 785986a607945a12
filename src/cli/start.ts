/** `lambdarium start`: serves a project until somebody ends it. */
import { exitCodeOfFailure, exitCodes } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { HotKeys } from "./hot-keys.ts";
import { Interruption } from "./interruption.ts";
import { standardOutput } from "./output.ts";
import type { ServiceFlags } from "./service-flags.ts";
import { exportLines, welcomeLines } from "./service-text.ts";
import { planService } from "./service-plan.ts";
import { Display, ServiceSession } from "./service-session.ts";

export async function start(flags: ServiceFlags, place = "."): Promise<void> {
  const output = standardOutput;
  try {
    const plan = await planService(flags, place, true);
    process.exitCode = await serve(plan, new Display(output));
  } catch (error) {
    output.stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

async function serve(plan: Awaited<ReturnType<typeof planService>>, display: Display): Promise<number> {
  const { stdout } = standardOutput;
  const interruption = new Interruption(display.line);
  const session = await ServiceSession.open(plan, display, "any function");
  const ended = new Promise<void>((resolve, reject) => {
    interruption.guard({ stop: () => session.stop().then(resolve, reject), kill: () => session.kill() });
  });
  if (interruption.signal === undefined) {
    await session.project?.watch();
    for (const line of welcomeLines(session)) display.line(line);
    stdout.write(exportLines(session.service.clientVariables));
    const stopListening = HotKeys.listen(session, display);
    void ended.then(stopListening);
  }
  await ended;
  // LIFE-80: being stopped is what a server is for.
  return exitCodes.success;
}
