exports.handler = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { seen: event };
};
