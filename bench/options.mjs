/** What was said on the command line of a benchmark. */
import { parseArgs } from "node:util";

/** Each option with what holds without it; `--json` and `--help` are everywhere. Prints the usage and ends for `--help`. */
export function readOptions(usage, defaults) {
  const named = Object.entries({ ...defaults, json: false, help: false });
  const options = named.map(([name, value]) => [name, { type: typeof value, default: value }]);
  const { values } = parseArgs({ options: Object.fromEntries(options) });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  return values;
}
