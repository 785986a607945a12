/** `--inspect[=NAME][:PORT]`: whose processes shall be open to a debugger, and where. */

export interface InspectWish {
  /** Name of a function or of an extension; the runtimes of all functions when absent. */
  readonly name?: string;
  readonly port: number;
}

/** Where every debugger of Node.js looks first. */
const defaultPort = 9229;

/** @throws Error with what is wrong, for the command line. */
export function parseInspectWish(text: string): InspectWish {
  const [, name = "", digits] = /^(.*?)(?::(\d+))?$/.exec(/^\d+$/.test(text) ? `:${text}` : text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port > 65_535) throw new Error("its port is a number from 0 to 65535");
  if (!/^[\w.-]*$/.test(name))
    throw new Error("it is the name of a function or an extension, and after a colon a port");
  return name === "" ? { port } : { name, port };
}

export const wishesRuntimeOf = (wish: InspectWish, functionName: string): boolean =>
  wish.name === undefined || wish.name === functionName;
