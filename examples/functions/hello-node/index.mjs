// What stands outside the handler runs once, in the Init phase; every invocation of this environment finds it here.
let invocations = 0;

export const handler = async (event, context) => {
  invocations += 1;
  console.log(`invocation ${invocations}, ${context.getRemainingTimeInMillis()} ms left`);
  return { message: `Hello, ${event.name ?? "world"}!`, invocations };
};
