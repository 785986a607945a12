// Writes lines of 100 bytes as fast as the pipe takes them: many lines a write, past everything Node.js would do.
const { writeSync } = require("node:fs");

const line = `${"2026-01-01 INFO an ordinary line of a function that says what it does, ".padEnd(99, ".")}\n`;
const linesAWrite = 600;
const chunk = Buffer.from(line.repeat(linesAWrite));

exports.handler = async ({ lines }) => {
  for (let left = lines; left > 0; left -= linesAWrite) {
    writeAll(left >= linesAWrite ? chunk : chunk.subarray(0, left * line.length));
  }
  return { lines };
};

function writeAll(bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}
