// What an extension adds to Init and to a warm invocation at 128 MB, where the sandbox gives a fourteenth of a processor.
import { fileURLToPath } from "node:url";
import { createEnvironment } from "lambdarium";
import { difference, median, medianOfPairs } from "../figures.mjs";

const echo = fileURLToPath(new URL("../../examples/functions/hello-node", import.meta.url));

/** `extensions` are files by name; nothing but the reason where the machine has no sandbox that limits processors. */
export async function measureOverhead(extensions, rounds, invocations) {
  const contenders = [["no extension", []], ...Object.entries(extensions).map(([name, file]) => [name, [file]])];
  const samples = Object.fromEntries(contenders.map(([name]) => [name, { initMs: [], answerMs: [], invokeMs: [] }]));
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const [name, files] of contenders) {
        const taken = await oneEnvironment(files, invocations);
        for (const [step, value] of Object.entries(taken)) samples[name][step].push(value);
      }
  } catch (error) {
    if (error.mendedBy === undefined) throw error;
    return { skipped: error.message };
  }
  const bare = samples["no extension"];
  const figures = contenders.map(([name]) => {
    const more = (step) => medianOfPairs(samples[name][step], bare[step], difference);
    const own = Object.fromEntries(Object.entries(samples[name]).map(([step, all]) => [step, median(all)]));
    return {
      name,
      ...own,
      moreInitMs: more("initMs"),
      moreToAnswerMs: more("answerMs"),
      moreInvokeMs: more("invokeMs"),
    };
  });
  return { memorySizeMb: 128, rounds, invocations, figures };
}

async function oneEnvironment(extensions, invocations) {
  const environment = await createEnvironment({
    function: echo,
    extensions,
    sandbox: "linux",
    strict: true,
    memorySizeMb: 128,
    network: "none",
    timeoutMs: 30_000,
  });
  try {
    await environment.init();
    // The first ones compile the code.
    for (let at = 0; at < 5; at += 1) await environment.invoke();
    const answerMs = [];
    const invokeMs = [];
    for (let at = 0; at < invocations; at += 1) {
      const began = performance.now();
      const invocation = environment.invoke();
      await invocation.answered();
      answerMs.push(performance.now() - began);
      await invocation;
      invokeMs.push(performance.now() - began);
    }
    const [{ durationMs: initMs }] = environment.snapshot.phases;
    return { initMs, answerMs: median(answerMs), invokeMs: median(invokeMs) };
  } finally {
    await environment.shutdown();
  }
}
